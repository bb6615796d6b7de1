package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
	"tokenconsole/session"
)

// installation is a console set up for the stub, and somebody signed in at it.
type installation struct {
	env    []string
	cookie string
}

// recordFor writes the record that the pages of o need, and returns the setting of the key that signs it: of 1,000,000
// entries, or of one where no page shows it.
func recordFor(ctx context.Context, o options, directory string) (key string, err error) {
	if o.only == "" || strings.HasPrefix("/audit", o.only) {
		return largeRecord(ctx, directory)
	}
	if key, _, err = signing.GenerateKey("load"); err != nil {
		return "", err
	}
	keys, err := signing.ParseKeys(key)
	if err != nil {
		return "", err
	}
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(directory, "console.db"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	one := audit.Entry{Action: audit.SignIn, Outcome: audit.Done, Organization: audit.Organization{ID: organizationID, Name: "Demo"}}
	_, err = audit.New(audit.Options{DB: db, Keys: keys, Now: time.Now}).Append(ctx, one)
	return key, err
}

// largeRecord writes a record of 1,000,000 entries and returns the setting of the
// key that signs it.
func largeRecord(ctx context.Context, directory string) (key string, err error) {
	path := filepath.Join(directory, "console.db")
	err = command(ctx, []string{"TOKENCONSOLE_LARGE_RECORD=" + path}, "go", "test", "-count=1", "-run", "^TestWriteLargeRecord$", "./internal/audit")
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(path + ".key")
	return string(content), err
}

// install plants a session into a cookie, sealed with the key that the console gets.
func install(ctx context.Context, directory, recordKey, platform string) (installation, error) {
	key := bytes.Repeat([]byte("load"), 8)
	for i := range key {
		key[i] ^= byte(i * 7)
	}
	url := "sqlite:" + filepath.Join(directory, "console.db")
	db, err := database.Open(ctx, url)
	if err != nil {
		return installation{}, err
	}
	defer db.Close()
	store, err := session.NewStore(session.Options{Keys: [][]byte{key}, Idle: time.Hour, Total: 12 * time.Hour, DB: db})
	if err != nil {
		return installation{}, err
	}
	me, err := genesys.ParseUserID(personID(0))
	if err != nil {
		return installation{}, err
	}
	where := genesys.Named{ID: organizationID, Name: "Demo"}
	w := httptest.NewRecorder()
	_, err = store.Start(w, httptest.NewRequest(http.MethodGet, "/", nil), session.Session{
		AccessToken: genesys.NewSecret(bearer), TokenExpiry: time.Now().Add(24 * time.Hour), Region: "mypurecloud.ie",
		Person: session.Person{ID: me, Name: "Ada Load", Email: "ada@demo.example",
			Permissions: []string{genesys.PermissionDeleteToken, genesys.PermissionViewUser, genesys.PermissionAdminOrg}},
		Organization: where, Home: where,
	})
	if err != nil {
		return installation{}, err
	}
	cookie := w.Result().Cookies()[0]
	return installation{
		cookie: fmt.Sprintf("%s=%s", cookie.Name, cookie.Value),
		env: []string{
			"GENESYS_CLIENT_ID=load", "GENESYS_REGION=mypurecloud.ie", "GENESYS_LOGIN_URL=" + platform, "GENESYS_API_URL=" + platform,
			"CONSOLE_SESSION_KEYS=" + base64.StdEncoding.EncodeToString(key), "CONSOLE_SESSION_IDLE=1h",
			"CONSOLE_RECORD_KEY=" + recordKey, "CONSOLE_DATABASE_URL=" + url,
		},
	}, nil
}
