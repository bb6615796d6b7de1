package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
	"tokenconsole/internal/signing"
)

// auditCommand runs one of the commands about the record.
func auditCommand(ctx context.Context, c config.Config, stdout io.Writer) error {
	switch c.Command {
	case config.AuditKeygen:
		private, public, err := signing.GenerateKey(c.KeyName)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "%s\n%s\n", private, public)
		return err
	case config.AuditProve:
		return proveReceipt(c, stdout)
	case config.AuditCheckpoint:
		return printCheckpoint(ctx, c, stdout)
	}
	return verifyRecord(ctx, c, stdout)
}

// openRecordToRead opens the record of c without changing anything.
func openRecordToRead(ctx context.Context, c config.Config) (*audit.Log, *database.DB, error) {
	db, err := database.OpenReadOnly(ctx, c.DatabaseURL)
	if err != nil {
		return nil, nil, fmt.Errorf("there is no record to read: %w; --database-url (CONSOLE_DATABASE_URL) says where it is", err)
	}
	return audit.New(audit.Options{DB: db, Public: c.PublicKeys}), db, nil
}

func printCheckpoint(ctx context.Context, c config.Config, stdout io.Writer) error {
	record, db, err := openRecordToRead(ctx, c)
	if err != nil {
		return err
	}
	defer db.Close()
	text, err := record.Checkpoint(ctx)
	if errors.Is(err, audit.ErrNotFound) {
		return errors.New("the record is empty: it has no checkpoint yet")
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, text)
	return err
}

// verifyRecord walks over the record and says what it found.
func verifyRecord(ctx context.Context, c config.Config, stdout io.Writer) error {
	var kept []audit.Kept
	for _, name := range c.CheckpointFiles {
		some, err := readKept(name)
		if err != nil {
			return err
		}
		kept = append(kept, some...)
	}
	record, db, err := openRecordToRead(ctx, c)
	if err != nil {
		return err
	}
	defer db.Close()
	report, err := record.Verify(ctx, kept...)
	if err != nil {
		return err
	}
	if err := verifyBeside(ctx, db, record, &report); err != nil {
		return err
	}
	if err := db.Check(); err != nil {
		return err
	}
	if report.Size == 0 && len(report.Faults) == 0 {
		return errors.New("the record is empty: there is nothing to verify")
	}
	if _, err := io.WriteString(stdout, reportWords(report)); err != nil {
		return err
	}
	if len(report.Faults) > 0 {
		words := audit.Visible(report.Faults[0].Words)
		if len(c.PublicKeys) == 0 {
			return fmt.Errorf("the record is not proven whole: %s; give its public key with --key", words)
		}
		return fmt.Errorf("the record is not whole: %s", words)
	}
	return nil
}

// verifyBeside looks at what stands beside the record: whether the database is as the console made it, and the batches as
// the record has them.
func verifyBeside(ctx context.Context, db *database.DB, record *audit.Log, report *audit.Report) error {
	strange, err := db.Strange(ctx)
	if err != nil {
		return err
	}
	if len(report.Faults) == 0 {
		var pruned time.Time
		if n := len(report.Prunings); n > 0 {
			pruned = report.Prunings[n-1].Before
		}
		wrong, err := batch.Contradictions(ctx, db, record, pruned)
		if err != nil {
			return err
		}
		strange = append(strange, wrong...)
	}
	for _, words := range strange {
		report.Faults = append(report.Faults, audit.Fault{Words: words})
	}
	return nil
}

// mostNamed is how many of the checkpoints that fit are named: a log may have thousands.
const mostNamed = 20

// reportWords is a report for people: what holds, and what does not.
func reportWords(r audit.Report) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, f := range r.Faults {
		line("broken: %s", audit.Visible(f.Words))
	}
	if r.MoreFaults > 0 {
		line("broken: and %d faults more", r.MoreFaults)
	}
	if len(r.Faults) == 0 {
		line("whole: the record of %s is as the console wrote it", entries(r.Size))
	}
	line("entries: %d there, of %d ever written", r.Entries, r.Signed)
	for _, p := range r.Prunings {
		line("pruned: entries %d to %d, written before %s; recorded by entry %d at %s", p.First, p.Through,
			p.Before.Format(time.RFC3339), p.Seq, p.At.Format(time.RFC3339))
	}
	line("open: %s", openWords(r))
	line("people: %d", r.People)
	if r.Key != "" {
		line("signature: by the key %s, over the root %s", r.Key, r.Root)
	}
	for _, name := range r.Checkpoints[:min(len(r.Checkpoints), mostNamed)] {
		line("checkpoint: %s fits", name)
	}
	if more := len(r.Checkpoints) - mostNamed; more > 0 {
		line("checkpoint: %d more fit", more)
	}
	if len(r.Checkpoints) == 0 && len(r.Faults) == 0 {
		line("note: no checkpoint kept elsewhere was given, so an older copy of this record would pass too")
	}
	return b.String()
}

// entries is "1 entry" or "4 entries".
func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func openWords(r audit.Report) string {
	if r.OpenCount == 0 {
		return "none"
	}
	seqs := strings.Trim(fmt.Sprint(r.Open), "[]")
	if int64(len(r.Open)) < r.OpenCount {
		seqs += " …"
	}
	return fmt.Sprintf("%d, of which nobody recorded what came: %s", r.OpenCount, seqs)
}
