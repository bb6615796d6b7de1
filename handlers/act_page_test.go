package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
)

// An act is one time line: asked, answered, evidence read again, whichever of its
// entries is asked for; with reason, ticket and ids.
func TestActPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.mint(agent)
	b := c.signedIn(supervisor)
	revokeAgent(b).wantTo("/users/")
	entries := c.entries()
	for _, seq := range []string{"1", "2", "3"} {
		t.Run(seq, func(t *testing.T) {
			a := b.in(t).get("/audit/" + seq).want(http.StatusOK)
			steps := a.page().Find("ol.timeline h3").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
			if diff := cmp.Diff([]string{"Asked", "Answered: done", "Evidence read again"}, steps); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			for label, want := range map[string]string{
				"Who": "Samuel Ortiz " + supervisor, "Person": "Mina Keller " + agent, "Reason": lostPhone, "Ticket": "INC-4711",
				"Address": "127.0.0.1", "Request id": entries[0].RequestID, "Platform’s status": "204",
			} {
				if got := a.value(label); got != want {
					t.Errorf("%s is %q, want %q", label, got, want)
				}
			}
			if got := a.page().Find("ol.timeline code.id").Text(); got != entries[1].CorrelationID {
				t.Errorf("the correlation id is %q", got)
			}
			if a.page().Find(".headline .outcome-done").Length() != 1 {
				t.Error("the outcome is not in the headline")
			}
		})
	}
}

// An act that nobody recorded the outcome of says so, whatever was read about its person afterwards.
func TestActPageOfAnOpenAct(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.add(audit.Entry{Actor: partyOf(t, admin), Subject: partyOf(t, agent), Outcome: audit.Asked})
	b := c.signedIn(supervisor)
	wantOpen := func(t *testing.T) {
		t.Helper()
		page := b.in(t).get("/audit/1").want(http.StatusOK).page()
		if page.Find("main .notice-warning").Length() != 1 || page.Find(".headline .outcome-asked").Length() != 1 {
			t.Errorf("it does not say so: %s", squeezed(page.Find("main").Text()))
		}
	}
	t.Run("as it was asked", wantOpen)
	c.add(audit.Entry{
		Action: audit.ReadEvidence, Actor: partyOf(t, admin), Subject: partyOf(t, agent), Outcome: audit.Done, About: 1,
	})
	t.Run("with evidence read again", wantOpen)
}

func TestActPageOfNoEntry(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	c.add(audit.Entry{Organization: audit.Organization{ID: "other"}}) // 4
	b := c.signedIn(supervisor)
	for _, seq := range []string{"0", "-1", "5", "4", "x", "99999999999999999999", "1.0", "%31%00", "01x", "01", "+1"} {
		t.Run(seq, func(t *testing.T) {
			b := b.in(t)
			b.get("/audit/"+seq).wantProblem(http.StatusNotFound, "entry-unknown")
			b.get("/audit/"+seq+"/receipt").wantProblem(http.StatusNotFound, "entry-unknown")
		})
	}
}

// A receipt proves the whole act to whoever has the public key, and nothing that
// was changed in it.
func TestReceiptProvesTheAct(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	revokeAgent(b).wantTo("/users/")
	link := b.get("/audit/2").page().Find("a[download]").AttrOr("href", "/")
	a := b.get(link).want(http.StatusOK)
	if got := a.Header.Get("Content-Disposition"); a.Header.Get("Content-Type") != "application/json" || !strings.Contains(got, `filename="receipt-2.json"`) {
		t.Errorf("it comes as %s, %s", a.Header.Get("Content-Type"), got)
	}
	proven, err := audit.Prove([]byte(a.body), c.key)
	if err != nil || proven.Size != 3 {
		t.Fatalf("it proves %+v: %v", proven, err)
	}
	if diff := cmp.Diff(c.entries(), proven.Entries); diff != "" {
		t.Errorf("it proves other entries (-record +receipt):\n%s", diff)
	}
	if _, err := audit.Prove([]byte(strings.Replace(a.body, "Mina", "Nina", 1)), c.key); err == nil {
		t.Error("it proves what was changed")
	}
}

// The checkpoint is the signed end of the record, against which it is verified.
func TestCheckpoint(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	b.get("/audit/checkpoint").wantProblem(http.StatusNotFound, "entry-unknown") // nothing is signed yet
	c.threeEntries()
	a := b.get("/audit/checkpoint").want(http.StatusOK)
	if kind := a.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" || !strings.HasPrefix(a.body, "tests\n3\n") {
		t.Errorf("%s: %q", kind, a.body)
	}
	report, err := c.record.Verify(t.Context(), audit.Kept{Name: "kept", Text: a.body})
	if err != nil || len(report.Faults) > 0 || len(report.Checkpoints) != 1 {
		t.Errorf("verified against it: %+v %v", report, err)
	}
}
