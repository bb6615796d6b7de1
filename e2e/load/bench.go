package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// bench is what every measurement needs: a built console, its installation and the stub of the platform, which runs.
type bench struct {
	installation
	self, binary string // the program that runs, and the console
	stub         *process
}

// newBench builds and installs the console in directory, and starts the stub.
func newBench(ctx context.Context, o options, directory string) (b bench, err error) {
	if b.binary, err = built(ctx, o.binary, directory); err != nil {
		return b, err
	}
	record, err := recordFor(ctx, o, directory)
	if err != nil {
		return b, err
	}
	if b.self, err = os.Executable(); err != nil {
		return b, err
	}
	if b.stub, err = start(ctx, nil, b.self, "stub"); err != nil {
		return b, err
	}
	if b.installation, err = install(ctx, directory, record, b.stub.url); err != nil {
		b.stub.stop()
	}
	return b, err
}

// console starts the console at a free address, and waits until it has read its record to the end, which it does when it
// starts.
func (b bench) console(ctx context.Context) (*process, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p, err := b.consoleAt(ctx, address)
	if err != nil {
		return nil, err
	}
	select {
	case <-p.said.walked:
		return p, nil
	case <-time.After(2 * time.Minute):
		err = errors.New("the console has not read its record to the end in two minutes")
	case <-ctx.Done():
		err = ctx.Err()
	}
	p.stop()
	return nil, err
}

// consoleAt starts the console.
func (b bench) consoleAt(ctx context.Context, address string) (*process, error) {
	return start(ctx, b.env, b.binary, "--addr", address, "--public-url", "http://"+address)
}

// built is binary or, if that is "", the console as it is given out, built in directory.
func built(ctx context.Context, binary, directory string) (string, error) {
	if binary != "" {
		return binary, nil
	}
	binary = filepath.Join(directory, "web")
	return binary, command(ctx, nil, ".ci/build", binary)
}
