package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tokenconsole/internal/config"
	"tokenconsole/internal/doctor"
	"tokenconsole/internal/genesys"
)

// examine checks c against the real thing and says what it found, each with its fix.
func examine(ctx context.Context, c config.Config, stdout io.Writer) error {
	found := doctor.Examine(ctx, doctor.Options{Config: c, Transport: genesys.NewTransport(), Now: time.Now})
	for _, f := range found {
		line := fmt.Sprintf("%-8s %s\n", f.Level, f.Seen)
		if f.Fix != "" {
			line += fmt.Sprintf("%-8s fix: %s\n", "", f.Fix)
		}
		if _, err := io.WriteString(stdout, line); err != nil {
			return err
		}
	}
	if !doctor.Healthy(found) {
		return errors.New("the console would not work like this: see the failures above")
	}
	return nil
}
