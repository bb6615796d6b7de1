// Package handlers_test tests the console from outside, through HTTP alone: a
// console on an emulated Genesys Cloud (console_test.go), and browsers that visit
// it (browser_test.go).
package handlers_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"

	"go.uber.org/goleak"

	"tokenconsole/internal/database/databasetest"
)

func TestMain(m *testing.M) {
	// Most of these tests wait for a console: twice as many at a time keep the processors busy.
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0)))
	}
	code := m.Run()
	if code == 0 {
		// The tests' own proxy may leave a toxic behind that nobody reads from any more, or block itself: see network.begin.
		leaves := databasetest.Leaves()
		for _, name := range []string{
			"/toxics.(*ToxicStub).Run", ".(*ToxicCollection).ResetToxics", ".(*ToxicCollection).RemoveLink",
			".(*ToxicLink).write", ".(*ToxicLink).read", ".(*ToxicLink).RemoveToxic",
		} {
			leaves = append(leaves, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2"+name))
		}
		if err := goleak.Find(leaves...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
