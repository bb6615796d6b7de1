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
	"net/url"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"tokenconsole/internal/config"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

// drainTimeout is how long requests in flight may take to finish at the end. An
// act takes at most 3 s to look its person up, 10 s to be carried out, 3 s to read
// the evidence again, and 3 s for each of its entries. Tests shorten it.
var drainTimeout = 25 * time.Second

// serve runs the console, and with --demo the emulator beside it, until ctx ends.
func serve(ctx context.Context, c config.Config, getenv func(string) string, stdout, stderr io.Writer) error {
	log, level := newLog(c, stderr)
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
	lines := ""
	var servers []running
	if c.Demo {
		demoListener, err := listen(ctx, "--demo-addr", c.DemoAddr)
		if err != nil {
			return err
		}
		defer demoListener.Close()
		demoURL := localURL(demoListener.Addr()).String()
		demo, err := startDemo(&c, demoURL)
		if err != nil {
			return err
		}
		servers = append(servers, running{newServer(demo, log), demoListener})
		lines = "emulator " + demoURL + "\n"
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
	// Higher levels cost three times as much for pages that are a tenth smaller.
	compressed, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return err
	}
	if c.MetricsAddr != "" {
		metricsListener, err := listen(ctx, "--metrics-addr", c.MetricsAddr)
		if err != nil {
			return err
		}
		defer metricsListener.Close()
		servers = append(servers, running{newServer(console.metrics.Handler(), log), metricsListener})
		lines += "metrics " + localURL(metricsListener.Addr()).String() + "/metrics\n"
		warnOfReach(metricsListener.Addr().String(), log)
	}
	web := newServer(compressed(console.Server), log)
	web.RegisterOnShutdown(console.EndStreams)
	servers = append(servers, running{web, strictHeads{withOwnAnswers(listener, console.OwnHeaders()...)}})
	if _, err := fmt.Fprintf(stdout, "console %s\n%s", c.PublicURL, lines); err != nil {
		return err
	}
	log.Info("serving", "version", describeVersion(), "addr", listener.Addr().String(), "public", c.PublicURL.String(), "demo", c.Demo)
	stop := console.work(ctx)
	defer stop()
	return serveAll(ctx, servers, log)
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

func listen(ctx context.Context, name, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen at %s: %w; give %s another address, such as 127.0.0.1:0", addr, err, name)
	}
	return listener, nil
}

// localURL is where a browser on this machine finds addr.
func localURL(addr net.Addr) *url.URL {
	host, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
}

// newServer gives every stage of a request its limit.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		// OPTIONS * would be answered without the console's headers.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

type running struct {
	server   *http.Server
	listener net.Listener
}

// serveAll serves until ctx ends or a server fails, and then drains: new
// connections are refused and requests in flight finish, the last server first,
// since it needs the others.
func serveAll(ctx context.Context, servers []running, log *slog.Logger) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range servers {
		group.Go(func() error {
			if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		log.Info("stopping", "reason", context.Cause(ctx).Error())
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		var cut error
		for i := len(servers) - 1; i >= 0; i-- {
			if err := servers[i].server.Shutdown(drain); err != nil {
				log.Error("requests were cut off: an act among them may have no outcome on the record", "after", drainTimeout)
				cut = errors.Join(errCutOff, servers[i].server.Close())
			}
		}
		return cut
	})
	return group.Wait()
}

// errCutOff means that the console stopped before every request was answered.
var errCutOff = errors.New("requests were cut off at the end")
