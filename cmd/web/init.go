package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"tokenconsole/internal/config"
	"tokenconsole/internal/signing"
)

// initialize writes a file of settings with fresh keys, and says what comes next. It overwrites nothing.
func initialize(c config.Config, stdout io.Writer) error {
	private, public, err := signing.GenerateKey(c.KeyName)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(c.SettingsFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator names the file
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already, and is left as it is: name another file, or move it away", c.SettingsFile)
	}
	if err != nil {
		return fmt.Errorf("the settings cannot be written: %w", err)
	}
	_, err = io.WriteString(file, config.Initial(newSessionKey(), private))
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("the settings cannot be written: %w", err), os.Remove(c.SettingsFile))
	}
	_, err = fmt.Fprintf(stdout, `Wrote %[1]s with fresh keys; only you can read it.

The record's public key. Give it to whoever is to check the record:
  %[2]s

Next:
  1. Fill in the three settings at the top of %[1]s.
  2. web doctor --settings %[1]s
  3. web --settings %[1]s
`, c.SettingsFile, public)
	return err
}

func newSessionKey() string {
	key := make([]byte, config.KeySize)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}
