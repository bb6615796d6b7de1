package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tokenconsole/handlers"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/config"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/telemetry"
	"tokenconsole/session"
)

// console is the console with what works for it in the background.
type console struct {
	*handlers.Server
	record    *audit.Log
	monitor   *audit.Monitor
	strangers *audit.Strangers
	metrics   *telemetry.Metrics // nil for none
	traces    *telemetry.Tracer  // nil for none
	retention time.Duration
	log       *slog.Logger
}

func newConsole(c config.Config, db storage, tells *telemetry.Telemetry, log *slog.Logger) (*console, error) {
	record := audit.New(audit.Options{
		DB: db.DB, Keys: c.RecordKeys, Log: log, Now: time.Now, Appended: countEntries(tells.Counts()),
	})
	all := &console{
		record:    record,
		monitor:   audit.NewMonitor(record, log, time.Now),
		strangers: audit.NewStrangers(record, log),
		metrics:   tells.Counts(),
		traces:    tells.Traces(),
		retention: c.AuditRetention,
		log:       log,
	}
	server, err := handlers.New(handlers.Options{
		PublicURL:    c.PublicURL,
		ClientID:     c.ClientID,
		ClientSecret: c.ClientSecret,
		Regions:      c.Regions,
		Transport:    genesys.NewTransport(),
		Sessions: session.Options{
			Keys: c.SessionKeys, Idle: c.SessionIdle, Total: c.SessionTotal, DB: db.DB, Ended: countSessions(tells.Counts()),
		},
		TrustedProxies: c.TrustedProxies,
		Audit:          record,
		Monitor:        all.monitor,
		Strangers:      all.strangers,
		Telemetry:      tells,
		Reasons:        c.Reasons,
		WatchFor:       c.Watch,
		Batches: batch.Policy{
			RateShare: c.RateShare, ApprovalOver: c.ApprovalOver, ApprovalWithin: c.ApprovalWithin,
		},
		Protected: c.Protected,
		Demo:      c.Demo,
		Log:       log,
	})
	all.Server = server
	all.metrics.WatchDatabase(db.DB.SQL())
	all.metrics.WatchLevels(all.recordLevels)
	all.metrics.WatchLevels(all.batchLevels)
	return all, err
}

// tidyEvery is how often entries beyond the retention, and what is remembered of
// sessions that would be over anyway, are removed.
const tidyEvery = time.Hour

// work starts what goes on in the background, and returns a function that ends
// it. That is for after the last request: its end belongs on the record, too.
func (c *console) work(ctx context.Context) (stop func() error) {
	ctx = context.WithoutCancel(ctx)
	tracing, traced := context.WithCancel(ctx)
	ctx, cancel := context.WithCancel(ctx)
	var last, group sync.WaitGroup
	last.Go(func() { lasting(tracing, c.log, "sending of traces", c.traces.Run) })
	for name, work := range map[string]func(context.Context){
		"monitor of the record": c.monitor.Run, "count of strangers": c.strangers.Run, "tidying": c.tidy, "batches": c.Batches().Run,
		"ends of sessions": c.settle,
	} {
		group.Go(func() { lasting(ctx, c.log, name, work) })
	}
	return func() error {
		c.Wait()
		cancel()
		group.Wait()
		err := c.settleAtLast(tracing)
		traced()
		last.Wait()
		return err
	}
}

// settleEvery is how long the end of a session that the database could not take waits for the next try.
const settleEvery = time.Second

// lastSettling is how long the end of the console waits for the database to take them. Tests shorten it.
var lastSettling = 10 * time.Second

// settle has the ends of sessions written that the database could not take when they came about.
func (c *console) settle(ctx context.Context) {
	ticker := time.NewTicker(settleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = c.Settle(ctx) // whoever ended it said already that it is not written down
		}
	}
}

// settleAtLast is settle for the end of the console: what it does not write is lost.
func (c *console) settleAtLast(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lastSettling)
	defer cancel()
	for {
		err := c.Settle(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("ends of sessions were never written down: %w", err)
		case <-time.After(settleEvery):
		}
	}
}

func (c *console) tidy(ctx context.Context) {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		c.traces.Do(ctx, "tidy", c.tidyOnce)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (c *console) tidyOnce(ctx context.Context) {
	if err := c.Forget(context.WithoutCancel(ctx)); err != nil { // which is short, and finished once begun
		c.log.Error("what is remembered of old sessions could not be removed", "error", err.Error())
	}
	if c.retention > 0 {
		c.prune(ctx)
	}
}

// prune removes entries beyond the retention, if the platform's clock agrees with
// ours about what time it is.
func (c *console) prune(ctx context.Context) {
	n, err := c.record.Prune(ctx, c.retention, c.PlatformTime(ctx))
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, audit.ErrClock):
		c.log.Warn("the record was not pruned", "reason", err.Error())
	case err != nil:
		c.log.Error("pruning the record failed", "error", err.Error())
	case n > 0:
		c.log.Info("the record was pruned", "entries", n)
	}
}
