package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/signing"
)

// files looks at who else may read the files that hold secrets.
func (e *examination) files() {
	secret := e.Config.Files
	if path, ok := e.sqlitePath(); ok {
		secret = append(secret, path)
	}
	for _, path := range secret {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			e.fail("cannot look at "+path+": "+err.Error(), "let the user that the console runs as read it")
		case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
			e.fail(fmt.Sprintf("others can get at %s, which holds secrets (mode %04o)", path, info.Mode().Perm()), "chmod 600 "+path)
		default:
			e.ok(path + " is for its owner alone")
		}
	}
}

func (e *examination) sqlitePath() (string, bool) {
	path, ok := strings.CutPrefix(e.Config.DatabaseURL, "sqlite:")
	return strings.TrimPrefix(path, "//"), ok
}

// database opens the database to read it, and compares the record with the keys.
func (e *examination) database(ctx context.Context) {
	if path, ok := e.sqlitePath(); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			e.folder(filepath.Dir(path), path)
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	db, err := database.OpenReadOnly(ctx, e.Config.DatabaseURL)
	switch {
	case errors.Is(err, database.ErrEmpty):
		e.ok("the database answers, and is empty: the console makes its tables at the first start")
		return
	case errors.Is(err, database.ErrOlder):
		e.warn(err.Error(), "make a backup first: web backup, with the version that wrote it")
		return
	case err != nil:
		e.fail("the database cannot be used: "+err.Error(), "check CONSOLE_DATABASE_URL")
		return
	}
	defer func() { _ = db.Close() }()
	e.ok("the database answers, with the tables of this version")
	e.record(ctx, db)
}

// record makes sure that the console can go on with the record that is there.
func (e *examination) record(ctx context.Context, db *database.DB) {
	var public []signing.PublicKey
	for _, key := range e.Config.RecordKeys {
		public = append(public, key.Public())
	}
	text, err := audit.New(audit.Options{DB: db, Public: public}).Checkpoint(ctx)
	if errors.Is(err, audit.ErrNotFound) {
		e.ok("the record is empty")
		return
	}
	if err == nil {
		if _, err = signing.Open(text, public); err != nil {
			err = fmt.Errorf("the end of the record %w", err)
		}
	}
	if err != nil {
		e.fail("the record cannot be continued with this CONSOLE_RECORD_KEY: "+err.Error(),
			"give the key that signed it, behind the new one if there is one (NEW,OLD); if the key is right, run: web audit verify")
		return
	}
	e.ok("the record is signed by CONSOLE_RECORD_KEY")
}

// recordKey shows the public half of the key that signs, for whoever is to check the record.
func (e *examination) recordKey() {
	if keys := e.Config.RecordKeys; len(keys) > 0 {
		e.ok("the record's public key is " + keys[0].Public().String())
	}
}

// folder makes sure that a database file can be made.
func (e *examination) folder(folder, path string) {
	probe, err := os.CreateTemp(folder, ".doctor-")
	if err != nil {
		e.fail("the database "+path+" cannot be made: "+err.Error(), "make the folder, and let the console's user write there")
		return
	}
	_ = errors.Join(probe.Close(), os.Remove(probe.Name()))
	e.ok("the database " + path + " is not there yet: the console makes it at the first start")
}
