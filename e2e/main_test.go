package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// What all tests share: the console, built once, and one Chromium.
var (
	web      *program.Program
	chromium *browser.Browser
)

func TestMain(m *testing.M) {
	// Browser tests wait more than they work. Given on the command line, -parallel wins.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (status int, err error) {
	dir, err := os.MkdirTemp("", "tokenconsole-e2e-*")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	setup, err := filepath.Abs("../.cache")
	if err != nil {
		return 1, err
	}
	var launch errgroup.Group // while the console is built
	launch.Go(func() (err error) {
		chromium, err = browser.Launch(setup)
		return err
	})
	web, err = program.Build(dir)
	if launched := launch.Wait(); launched != nil {
		return 1, errors.Join(err, launched)
	}
	defer func() { err = errors.Join(err, chromium.Close()) }()
	if err != nil {
		return 1, err
	}
	return m.Run(), nil
}
