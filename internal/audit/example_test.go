package audit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/signing"
)

// An act is undertaken, and somebody who has nothing but the public key and a file checks that it is on the record.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "record")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(folder, "console.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	private, public, _ := signing.GenerateKey("console.example")
	keys, _ := signing.ParseKeys(private)
	record := audit.New(audit.Options{DB: db, Keys: keys})

	act := audit.Entry{
		Action: audit.Revoke, Actor: audit.Party{ID: "a", Name: "Ada Park"}, Subject: audit.Party{ID: "b", Name: "Ben Öztürk"},
		Organization: audit.Organization{ID: "o", Name: "Demo"}, Reason: "phone lost",
	}
	settled, err := record.Undertake(ctx, act, func(context.Context) audit.Result {
		return audit.Result{Outcome: audit.Done, Status: 200} // what the platform answered
	})
	if err != nil || settled.Unrecorded != nil {
		fmt.Println("not on the record:", err, settled.Unrecorded)
		return
	}

	receipt, err := record.Receipt(ctx, "o", settled.Asked.Seq)
	if err != nil {
		fmt.Println(err)
		return
	}
	file, _ := receipt.JSON()

	auditor, _ := signing.ParsePublicKey(public)
	proven, err := audit.Prove(file, auditor)
	if err != nil {
		fmt.Println("not proven:", err)
		return
	}
	for _, e := range proven.Entries {
		fmt.Printf("entry %d: %s %s the tokens of %s: %s\n", e.Seq, e.Actor.Name, e.Action, e.Subject.Name, e.Outcome)
	}
	// Output:
	// entry 1: Ada Park revoke the tokens of Ben Öztürk: asked
	// entry 2: Ada Park revoke the tokens of Ben Öztürk: done
}

// The record is checked from one end to the other, against a checkpoint that somebody kept.
func ExampleLog_Verify() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "record")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(folder, "console.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	private, _, _ := signing.GenerateKey("console.example")
	keys, _ := signing.ParseKeys(private)
	record := audit.New(audit.Options{DB: db, Keys: keys})
	for range 3 {
		if _, err := record.Append(ctx, audit.Entry{Action: audit.SignIn, Outcome: audit.Done}); err != nil {
			fmt.Println(err)
			return
		}
	}
	kept, _ := record.Checkpoint(ctx)

	// The triggers stop a slip of the hand, and not somebody who wants to.
	_, _ = db.ExecContext(ctx, "DROP TRIGGER audit_entries_delete")
	_, _ = db.ExecContext(ctx, "DELETE FROM audit_entries WHERE seq = 2")

	report, err := record.Verify(ctx, audit.Kept{Name: "kept.txt", Text: kept})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, fault := range report.Faults {
		fmt.Println(fault.Words)
	}
	// Output:
	// entry 2 is missing, and no pruning on the record covers it
}
