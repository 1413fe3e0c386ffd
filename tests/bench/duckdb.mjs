// duckdb.mjs: runs the statements of a file in DuckDB, in memory, and says how long each took.
//
//   node tests/bench/duckdb.mjs THREADS FILE.sql
//
// Statements are parted by a line that holds only ";". Each gives one line: seconds, then the values of its
// first row, parted by tabs.
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const [threads, file] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()
for (const statement of readFileSync(file, 'utf8').split(/^;\s*$/m)) {
    if (!statement.trim()) continue
    const began = process.hrtime.bigint()
    const reader = await connection.runAndReadUntil(statement, 1)
    const seconds = Number(process.hrtime.bigint() - began) / 1e9
    console.log([seconds.toFixed(6), ...(reader.getRows()[0] ?? []).map(String)].join('\t'))
}
