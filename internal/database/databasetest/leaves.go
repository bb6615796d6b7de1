package databasetest

import "go.uber.org/goleak"

// Leaves are the goroutines that belong to the PostgreSQL server, which ends with the process: no leak of a test's.
func Leaves() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("tokenconsole/internal/database/databasetest.serve.func1"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).writerDescriptor.func1"),
		goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"),
	}
}
