// Package handlers_test tests the console from outside, through HTTP alone: a
// console on an emulated Genesys Cloud (console_test.go), and browsers that visit
// it (browser_test.go).
package handlers_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(postgreSQL...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// postgreSQL is what belongs to the server that databasetest starts, which ends
// with the process.
var postgreSQL = []goleak.Option{
	goleak.IgnoreAnyFunction("tokenconsole/internal/database/databasetest.serve.func1"),
	goleak.IgnoreAnyFunction("os/exec.(*Cmd).writerDescriptor.func1"),
	goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"),
}
