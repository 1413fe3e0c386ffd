// duckdb.mjs: runs the statements of a file in DuckDB, in memory, and says how long each took.
//
//   node tests/bench/duckdb.mjs THREADS FILE.sql [cpu]
//
// Statements are parted by a line that holds only ";". Each gives one line: seconds, then the values of its
// first row, parted by tabs. With `cpu` they are seconds of the processor, which neighbours change less.
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const [threads, file, clock] = process.argv.slice(2)
const now = clock === 'cpu' ? () => process.cpuUsage().user + process.cpuUsage().system
                            : () => Number(process.hrtime.bigint()) / 1e3
const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()
for (const statement of readFileSync(file, 'utf8').split(/^;\s*$/m)) {
    if (!statement.trim()) continue
    const began = now()
    const reader = await connection.runAndReadUntil(statement, 1)
    const seconds = (now() - began) / 1e6
    console.log([seconds.toFixed(6), ...(reader.getRows()[0] ?? []).map(String)].join('\t'))
}
