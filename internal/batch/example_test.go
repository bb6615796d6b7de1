package batch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

// Two people are revoked: prepared, started, carried out, and told about.
func Example() {
	ctx := context.Background()
	folder, _ := os.MkdirTemp("", "batch")
	defer func() { _ = os.RemoveAll(folder) }()
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(folder, "console.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()
	genesysCloud := emulator.New(emulator.Options{})
	server := httptest.NewServer(genesysCloud)
	defer server.Close()
	keys, _ := signing.ParseKeys(recordKey())
	batches, _, err := newService(db, keys, server.URL, genesys.NewTransport(), slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	working, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() { batches.Run(working); close(stopped) }()
	defer func() { stop(); <-stopped }()

	who := batch.By{
		Person: audit.Party{ID: genesysCloud.UserByEmail(admin), Name: "Ada Park"}, Organization: audit.Organization{ID: "demo"},
		Region: region, Token: signIn(server.URL, admin),
	}
	var people []batch.Person
	for _, email := range []string{agent, supervisor, agent} {
		id, _ := genesys.ParseUserID(genesysCloud.UserByEmail(email))
		people = append(people, batch.Person{ID: id, Email: email, Plan: batch.ToRevoke})
	}
	b, _ := batches.Prepare(ctx, who, batch.Rule{Source: batch.FromList, Words: "a pasted list"}, people)
	fmt.Println(b.State, "-", b.Counts.ToRevoke, "to be revoked,", b.Counts.NamedTwice, "named twice")
	b, _ = batches.Start(ctx, who, b.ID, batch.Form{Reason: "Laptops stolen", Ticket: "INC-1", Count: 2})
	for b.State == batch.Running {
		b, _ = batches.Await(ctx, "demo", b.ID, b.Version)
	}
	fmt.Println(b.State)
	_, _ = batches.Report(ctx, "demo", b.ID, func(p batch.Person) error {
		fmt.Println(p.Email, p.Plan, p.Run, p.Status)
		return nil
	})
	// Output:
	// prepared - 2 to be revoked, 1 named twice
	// done
	// agent@demo.example to-revoke done 204
	// supervisor@demo.example to-revoke done 204
	// agent@demo.example named-twice  0
}

// signIn is a token of the person at the emulator.
func signIn(url, email string) genesys.Secret {
	form := fmt.Sprintf(`{"email": %q, "clientId": %q}`, email, emulator.DemoClientID)
	answer, err := http.Post(url+"/emulator/tokens", "application/json", strings.NewReader(form))
	if err != nil {
		return genesys.Secret{}
	}
	defer func() { _ = answer.Body.Close() }()
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	_ = json.NewDecoder(answer.Body).Decode(&minted)
	return genesys.NewSecret(minted.AccessToken)
}
