package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// drainTimeout is how long requests in flight may take to finish at the end. An
// act takes at most 10 s to prove its token, 3 s to look its person up, 8 s for the
// other steps of a playbook, 10 s to be carried out and 3 s to read the evidence
// again; the rest is for its entries. Tests shorten it.
var drainTimeout = 40 * time.Second

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

// running is a server, and the line that says where it is; "" for none.
type running struct {
	server   *http.Server
	listener net.Listener
	line     string
}

// servers run together. Each needs those before it.
type servers []running

// close closes what listens, whether it serves or not yet.
func (all *servers) close() {
	for _, s := range *all {
		_ = s.listener.Close()
	}
}

// lines say where the servers are, a line each.
func (all servers) lines() string {
	var b strings.Builder
	for _, s := range all {
		if s.line != "" {
			b.WriteString(s.line + "\n")
		}
	}
	return b.String()
}

// serve serves until ctx ends or a server fails, and then drains: new connections
// are refused and requests in flight finish, the last server first, since it needs
// the others.
func (all servers) serve(ctx context.Context, log *slog.Logger) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range all {
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
		for _, s := range slices.Backward(all) {
			if err := s.server.Shutdown(drain); err != nil {
				log.Error("requests were cut off: an act among them may have no outcome on the record", "after", drainTimeout)
				cut = errors.Join(errCutOff, s.server.Close())
			}
		}
		return cut
	})
	return group.Wait()
}

// errCutOff means that the console stopped before every request was answered.
var errCutOff = errors.New("requests were cut off at the end")
