// Command web is tokenconsole: the web console for Genesys Cloud access tokens.
// See web --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"tokenconsole/internal/config"
)

// version is set by the release build.
var version = ""

func main() {
	tuneCollector()
	// net/http prints what a peer sends unasked, which may be anything: not to our log.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "web: "+err.Error())
	if _, ok := errors.AsType[config.Problems](err); ok {
		os.Exit(2)
	}
	os.Exit(1)
}

// run does what args ask for, until ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	c, err := config.Parse(args, getenv, stdout)
	if errors.Is(err, config.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	switch c.Command {
	case config.Keygen:
		_, err = fmt.Fprintln(stdout, newSessionKey())
		return err
	case config.Init:
		return initialize(c, stdout)
	case config.Doctor:
		return examine(ctx, c, stdout)
	case config.Backup:
		return backup(ctx, c, stdout)
	case config.Healthcheck:
		return healthcheck(ctx, c.Addr)
	case config.AuditVerify, config.AuditProve, config.AuditCheckpoint, config.AuditKeygen:
		return auditCommand(ctx, c, stdout)
	case config.Version:
		_, err = fmt.Fprintln(stdout, describeVersion())
		return err
	}
	return serve(ctx, c, getenv, stdout, stderr)
}

// healthcheck asks the console that listens at addr on this machine.
func healthcheck(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return config.Problems{"--addr (CONSOLE_ADDR) is not HOST:PORT"}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("unhealthy: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("unhealthy: answered %s", resp.Status)
	}
	return nil
}

// describeVersion names this build and what it was built with.
func describeVersion() string {
	name, built := version, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		built = " " + info.GoVersion
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && name == "" {
				name = setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	if name == "" {
		name = "development"
	}
	return "tokenconsole " + name + built
}
