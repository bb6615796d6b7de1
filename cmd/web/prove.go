package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
)

// maxReceipt is the most bytes of a receipt that are read.
const maxReceipt = 64 << 20

// proveReceipt says what a receipt proves.
func proveReceipt(c config.Config, stdout io.Writer) error {
	in := os.Stdin
	if c.ReceiptFile != "-" {
		file, err := os.Open(c.ReceiptFile)
		if err != nil {
			return fmt.Errorf("the receipt cannot be read: %w", err)
		}
		defer file.Close()
		in = file
	}
	receipt, err := io.ReadAll(io.LimitReader(in, maxReceipt))
	if err != nil {
		return fmt.Errorf("the receipt cannot be read: %w", err)
	}
	proven, err := audit.Prove(receipt, c.PublicKeys...)
	if err != nil {
		return fmt.Errorf("not proven: %w", err)
	}
	_, err = io.WriteString(stdout, provenWords(proven))
	return err
}

// provenWords is what a receipt proves, for people. Nothing in it turns a line around or begins another.
func provenWords(p audit.Proven) string {
	var b strings.Builder
	are := "are"
	if len(p.Entries) == 1 {
		are = "is"
	}
	fmt.Fprintf(&b, "proven: %s %s on the record of %s that the key %s signed\n", entries(int64(len(p.Entries))), are, entries(p.Size), p.Key)
	for _, e := range p.Entries {
		fmt.Fprintf(&b, "entry %d, %s: %s, %s\n", e.Seq, e.At.Format("2006-01-02 15:04:05.000 MST"), e.Action, e.Outcome)
		for _, line := range linesOf(e) {
			if line.value != "" {
				fmt.Fprintf(&b, "  %s: %s\n", line.name, audit.Visible(line.value))
			}
		}
	}
	b.WriteString(heldWords(p))
	fmt.Fprintf(&b, "root: %s\n", p.Root)
	return b.String()
}

type line struct{ name, value string }

// linesOf is everything that an entry says besides its first line; an empty value is not said.
func linesOf(e audit.Entry) []line {
	return []line{
		{"by", partyWords(e.Actor)}, {"on", partyWords(e.Subject)}, {"OAuth client", named(e.Client.Name, e.Client.ID)},
		{"organization", named(e.Organization.Name, e.Organization.ID)}, {"region", e.Region},
		{"reason", e.Reason}, {"ticket", e.Ticket},
		{"token", e.Token}, {"of the region", e.TokenRegion},
		{"of the organization", named(e.TokenOrganization.Name, e.TokenOrganization.ID)},
		{"playbook", e.Playbook}, {"steps", e.Steps}, {"change", changeWords(e.Change)}, {"plan", e.Plan},
		{"problem", e.Problem}, {"missing permission", e.Permission},
		{"count", number(e.Count)}, {"people", tallyWords(e.Tally)}, {"filter", e.Query},
		{"removed", prunedWords(e.Pruned)},
		{"platform's status", number(int64(e.PlatformStatus))}, {"platform's correlation id", e.CorrelationID},
		{"last token issued before", moment(e.Evidence.TokenIssuedBefore)},
		{"last token issued after", moment(e.Evidence.TokenIssuedAfter)}, {"read at", moment(e.Evidence.ReadAt)},
		{"closes entry", number(e.Closes)}, {"about entry", number(e.About)}, {"step of entry", number(e.Within)},
		{"batch", e.Batch}, {"approved by entry", number(e.Approval)},
		{"request id", e.RequestID}, {"address", e.Address},
	}
}

// heldWords says which entries of each act a receipt holds, and whether the outcome is among them.
func heldWords(p audit.Proven) string {
	held := map[int64][]string{}
	var acts []int64
	for _, e := range p.Entries {
		if held[e.Act()] == nil {
			acts = append(acts, e.Act())
		}
		held[e.Act()] = append(held[e.Act()], fmt.Sprint(e.Seq))
	}
	var b strings.Builder
	for _, act := range acts {
		fmt.Fprintf(&b, "of the act that entry %d began, this receipt holds: %s\n", act, strings.Join(held[act], ", "))
		if slices.Contains(p.Open, act) {
			b.WriteString("  its outcome is NOT in this receipt: ask for a newer receipt to see whether it is on the record\n")
		}
	}
	return b.String()
}

func partyWords(p audit.Party) string {
	words := named(p.Name, p.ID)
	if p.Email != "" {
		words += " <" + p.Email + ">"
	}
	return words
}

func named(name, id string) string {
	switch {
	case name == "":
		return id
	case id == "":
		return name
	}
	return name + " (" + id + ")"
}

func changeWords(c audit.Change) string {
	if c == (audit.Change{}) {
		return ""
	}
	return fmt.Sprintf("from %q to %q", c.From, c.To)
}

func tallyWords(t audit.Tally) string {
	if t == (audit.Tally{}) {
		return ""
	}
	return fmt.Sprintf("%d done, %d failed, %d unknown, %d skipped", t.Done, t.Failed, t.Unknown, t.Skipped)
}

func prunedWords(p audit.Pruned) string {
	if p == (audit.Pruned{}) {
		return ""
	}
	return fmt.Sprintf("entries 1 to %d, written before %s", p.Through, moment(p.Before))
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04:05.000 MST")
}
