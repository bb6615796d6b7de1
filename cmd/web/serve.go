package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"tokenconsole/internal/compress"
	"tokenconsole/internal/config"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

// serve runs the console, and with --demo the emulator beside it, until ctx ends.
func serve(ctx context.Context, c config.Config, getenv func(string) string, stdout, stderr io.Writer) error {
	lines := &logLines{to: stderr}
	defer lines.flush() // of requests that ended last
	log, level := newLog(c, lines)
	switchLevel(ctx, level, log)
	tells, err := newTelemetry(c, getenv, log)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, "--addr", c.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	if c.PublicURL == nil {
		c.PublicURL = localURL(listener.Addr())
	}
	var servers servers
	defer servers.close()
	if c.Demo {
		if err := servers.addDemo(ctx, &c, log); err != nil {
			return err
		}
	}
	db, err := openDatabase(ctx, c, tells.Traces())
	if err != nil {
		return err
	}
	defer db.Close()
	console, err := newConsole(c, db, tells, log)
	if err != nil {
		return err
	}
	if c.MetricsAddr != "" {
		if err := servers.addMetrics(ctx, c.MetricsAddr, console.metrics.Handler(), log); err != nil {
			return err
		}
	}
	servers.addConsole(listener, console, log)
	if _, err := fmt.Fprintf(stdout, "console %s\n%s", c.PublicURL, servers.lines()); err != nil {
		return err
	}
	log.Info("serving", "version", describeVersion(), "addr", listener.Addr().String(), "public", c.PublicURL.String(), "demo", c.Demo,
		"record_key", c.RecordKeys[0].Public().String())
	stop := console.work(ctx)
	err = servers.serve(ctx, log)
	return errors.Join(err, stop())
}

// addConsole has the console answer at listener.
func (all *servers) addConsole(listener net.Listener, c *console, log *slog.Logger) {
	web := newServer(inOnePiece(compress.Handler(c.Server)), log)
	web.ConnContext = withConnection
	web.RegisterOnShutdown(c.EndStreams)
	*all = append(*all, running{web, wholes{strictHeads{withOwnAnswers(listener, c.OwnHeaders()...)}}, ""})
}

// addMetrics has the counts answered at addr.
func (all *servers) addMetrics(ctx context.Context, addr string, metrics http.Handler, log *slog.Logger) error {
	listener, err := listen(ctx, "--metrics-addr", addr)
	if err != nil {
		return err
	}
	warnOfReach(listener.Addr().String(), log)
	*all = append(*all, running{newServer(metrics, log), listener, "metrics " + localURL(listener.Addr()).String() + "/metrics"})
	return nil
}

// addDemo sets c up for an emulator, and has that answer at c.DemoAddr.
func (all *servers) addDemo(ctx context.Context, c *config.Config, log *slog.Logger) error {
	listener, err := listen(ctx, "--demo-addr", c.DemoAddr)
	if err != nil {
		return err
	}
	url := localURL(listener.Addr()).String()
	demo, err := startDemo(c, url)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	*all = append(*all, running{newServer(demo, log), listener, "emulator " + url})
	return nil
}

// startDemo sets c up for an emulator at demoURL, and returns that.
func startDemo(c *config.Config, demoURL string) (*emulator.Emulator, error) {
	c.ClientID, c.ClientSecret = emulator.DemoClientID, genesys.NewSecret(emulator.DemoClientSecret)
	c.Regions = []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: demoURL, APIURL: demoURL}}
	if len(c.SessionKeys) == 0 {
		key := make([]byte, config.KeySize)
		_, _ = rand.Read(key) // never fails
		c.SessionKeys = [][]byte{key}
	}
	if len(c.RecordKeys) == 0 {
		private, _, err := signing.GenerateKey("demo")
		if err != nil {
			return nil, err
		}
		if c.RecordKeys, err = signing.ParseKeys(private); err != nil {
			return nil, err
		}
	}
	return emulator.New(emulator.Options{
		Users:        c.DemoUsers,
		RateLimit:    c.DemoRateLimit,
		RedirectURIs: []string{c.PublicURL.String() + "/oauth/callback"},
	}), nil
}
