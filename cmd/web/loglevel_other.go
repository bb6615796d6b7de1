//go:build !unix

package main

import "os"

// levelSignals would switch the level of the log: there are none here.
var levelSignals []os.Signal
