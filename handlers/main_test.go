// Package handlers_test tests the console from outside, through HTTP alone: a
// console on an emulated Genesys Cloud (console_test.go), and browsers that visit
// it (browser_test.go).
package handlers_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"tokenconsole/internal/database/databasetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(databasetest.Leaves()...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
