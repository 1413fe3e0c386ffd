#pragma once
#include "store/store.h"
enum { OPERATION_NEW, OPERATION_CLOSE, OPERATION_CURRENT, OPERATION_ALL, OPERATION_NAMED, OPERATION__COUNT };
extern const Sql operation_sql[OPERATION__COUNT];
