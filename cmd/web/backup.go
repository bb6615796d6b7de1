package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
)

// backup copies the database of c and verifies the record in the copy. A copy that is not whole is kept, so that
// somebody can look at it, and is an error.
func backup(ctx context.Context, c config.Config, stdout io.Writer) error {
	if err := database.Backup(ctx, c.DatabaseURL, c.BackupFile); err != nil {
		return err
	}
	db, err := database.OpenReadOnly(ctx, "sqlite:"+c.BackupFile)
	if err != nil {
		return fmt.Errorf("the copy cannot be read: %w", err)
	}
	defer db.Close()
	report, err := audit.New(audit.Options{DB: db, Public: c.PublicKeys}).Verify(ctx)
	if err != nil {
		return err
	}
	if len(report.Faults) > 0 {
		return fmt.Errorf("the record in the copy is not whole: %s; the database itself is probably not either: web audit verify",
			audit.Visible(report.Faults[0].Words))
	}
	info, err := os.Stat(c.BackupFile)
	if err := errors.Join(err, db.Check()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d bytes, a record of %s, verified\n", c.BackupFile, info.Size(), entries(report.Size))
	return err
}
