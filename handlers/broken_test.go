package handlers_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database/databasetest"
)

// harm is what somebody does to the record who can write the database.
var harm = map[string]func(c *console){
	"entry rewritten":    rewrite,
	"entry removed":      func(c *console) { c.unguard(); c.execute("DELETE FROM audit_entries WHERE seq = 2") },
	"end cut off":        cutOff,
	"everything emptied": emptied,
	"end forged":         forge,
}

func rewrite(c *console) {
	c.unguard()
	c.execute("UPDATE audit_entries SET body = CAST(replace(CAST(body AS TEXT), 'lost', 'sold') AS BLOB) WHERE seq = 2")
}

func cutOff(c *console) {
	c.unguard()
	c.execute("DELETE FROM audit_entries WHERE seq = 3", "DELETE FROM audit_tree WHERE seq = 3", "UPDATE audit_head SET size = 2")
}

func emptied(c *console) {
	c.unguard()
	c.execute("DELETE FROM audit_entries", "DELETE FROM audit_tree", "DELETE FROM audit_times",
		"UPDATE audit_head SET size = 0, checkpoint = '', pruned = 0")
}

// forge says that a fourth entry was signed.
func forge(c *console) {
	c.unguard()
	c.execute("UPDATE audit_head SET checkpoint = replace(checkpoint, char(10) || '3' || char(10), char(10) || '4' || char(10))")
}

// threeEntries gives the record a past.
func (c *console) threeEntries() {
	c.t.Helper()
	e := audit.Entry{Actor: partyOf(c.t, admin), Subject: partyOf(c.t, agent), Reason: "lost laptop"}
	c.add(e, e, e)
}

// After harm to the record nothing is done any more, and that is told: to whoever
// tries, in readyz, in the log, and to those who may see the record.
func TestP7_HarmIsFoundBeforeTheNextAct(t *testing.T) {
	t.Parallel()
	for name, do := range harm {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.threeEntries()
			b := c.signedIn(supervisor)
			b.get("/").want(http.StatusOK)
			do(c)
			b.post(c.revocationOf(agent), reason).wantProblem(http.StatusServiceUnavailable, "record-broken")
			wantBroken(t, c)
			b.post(c.revocationOf(agent), reason).wantProblem(http.StatusServiceUnavailable, "record-broken") // and stays so
			c.wantAsked(0, "DELETE ")
		})
	}
}

// Whoever asks whether the console is ready is told before anybody acts.
func TestP7_HarmIsFoundByReadiness(t *testing.T) {
	t.Parallel()
	for name, do := range harm {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.threeEntries()
			do(c)
			wantBroken(t, c)
		})
	}
}

// Readiness tells a key that is not the record's from harm: nobody is to restore a backup for a mistyped key.
func TestReadinessTellsAnotherKeyFromHarm(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	c.unguard()
	c.execute("UPDATE audit_head SET checkpoint = replace(checkpoint, 'tests', 'others')")
	for range 2 { // what was found stays
		if a := c.newBrowser().get("/readyz").want(http.StatusServiceUnavailable); !strings.Contains(a.body, "not signed by a key of CONSOLE_RECORD_KEY") {
			t.Errorf("readyz says %q", a.body)
		}
	}
}

// wantBroken checks that everybody is told who ought to know.
func wantBroken(t *testing.T, c *console) {
	t.Helper()
	if a := c.newBrowser().get("/readyz").want(http.StatusServiceUnavailable); !strings.Contains(a.body, "not whole") || strings.Contains(a.body, "entry") {
		t.Errorf("readyz says %q", a.body)
	}
	for _, target := range []string{"/", "/token", "/audit"} {
		if n := c.signedIn(supervisor).get(target).want(http.StatusOK).page().Find(".strip-broken").Length(); n != 1 {
			t.Errorf("%d strips tell of it on %s", n, target)
		}
	}
	mina := c.signedIn(agent)
	if mina.get("/token").want(http.StatusOK).page().Find(".strip-broken").Length() != 0 {
		t.Error("the strip is shown to somebody who may not see the record")
	}
	list := c.signedIn(supervisor).get("/audit").page().Find("main .notice-bad")
	own := mina.get("/audit").page().Find("main .notice-bad")
	if list.Length() != 1 || own.Length() != 1 || len(own.Text()) >= len(list.Text()) {
		t.Errorf("the record's page says %q, and %q to others", list.Text(), own.Text())
	}
	if !strings.Contains(c.log.String(), `"level":"ERROR","msg":"the record is broken`) {
		t.Error("the log does not tell")
	}
}

// The watch finds harm without an act, however old the entry, and the home of
// those who may revoke tells.
func TestP7_HarmIsFoundByItself(t *testing.T) {
	t.Parallel()
	for name, do := range harm {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newConsole(t, inBubble)
				c.threeEntries()
				c.watching()
				synctest.Wait()
				b := c.signedIn(supervisor)
				if bad := b.get("/audit").page().Find("main .notice-bad, .strip-broken").Length(); bad != 0 {
					t.Error("a whole record is called broken")
				}
				do(c)
				c.monitor.Check()
				synctest.Wait()
				wantBroken(t, c)
				c.newBrowser().signIn(agent).wantProblem(http.StatusServiceUnavailable, "record-broken")
			})
		})
	}
}

// An entry put behind the last one keeps the next from being written, so that
// nothing is done until a walk finds it.
func TestP7_EntryMadeUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newConsole(t, inBubble)
		c.threeEntries()
		c.watching()
		synctest.Wait()
		c.unguard()
		c.execute(`INSERT INTO audit_entries SELECT 4, at, 4, action, outcome, organization_id, body
			FROM audit_entries WHERE seq = 3`)
		c.signedIn(supervisor).post(c.revocationOf(agent), reason).want(http.StatusServiceUnavailable)
		c.monitor.Check()
		synctest.Wait()
		wantBroken(t, c)
		c.wantAsked(0, "DELETE ")
	})
}

// The file taken away or exchanged under the running console: nothing is revoked
// that is not on the record that people read.
func TestP5_DatabaseFileReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(c *console) error{
		"deleted":          func(c *console) error { return os.Remove(c.path) },
		"moved away":       func(c *console) error { return os.Rename(c.path, c.path+".old") },
		"another put over": func(c *console) error { return os.Rename(anotherFile(c), c.path) },
		"older put back": func(c *console) error {
			content, err := os.ReadFile(c.path)
			if err != nil {
				return err
			}
			return os.WriteFile(c.path+".copy", content, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.threeEntries()
			b := c.signedIn(supervisor)
			b.get("/token").want(http.StatusOK)
			if err := replace(c); err != nil {
				t.Fatal(err)
			}
			if name == "older put back" {
				b.post(c.revocationOf(agent), reason).wantTo("/users/")
				if err := os.Rename(c.path+".copy", c.path); err != nil {
					t.Fatal(err)
				}
				c.forget()
			}
			b.post(c.revocationOf(agent), reason).want(http.StatusServiceUnavailable)
			c.wantAsked(0, "DELETE ")
			if a := c.newBrowser().get("/readyz").want(http.StatusServiceUnavailable); !strings.Contains(a.body, "record") {
				t.Errorf("readyz says %q", a.body)
			}
			if n := c.signedIn(supervisor).get("/token").want(http.StatusOK).page().Find(".strip-broken").Length(); n != 1 {
				t.Errorf("%d strips tell of it", n)
			}
		})
	}
}

func anotherFile(c *console) string {
	c.t.Helper()
	databasetest.Put(c.t, c.path+".new")
	return c.path + ".new"
}

// A database that cannot be written for a while is told likewise, and forgiven.
func TestP7_UnwritableRecordIsTold(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	c.readOnly(true)
	b.post(c.revocationOf(agent), reason).wantProblem(http.StatusServiceUnavailable, "record-unwritable")
	if a := c.newBrowser().get("/readyz").want(http.StatusServiceUnavailable); !strings.Contains(a.body, "cannot be written") {
		t.Errorf("readyz says %q", a.body)
	}
	if n := b.get("/token").page().Find(".strip-broken").Length(); n != 1 {
		t.Errorf("%d strips tell of it", n)
	}
	c.readOnly(false)
	c.newBrowser().get("/readyz").want(http.StatusOK)
	if n := b.get("/token").page().Find(".strip-broken").Length(); n != 0 {
		t.Error("the strip stays when it can be written again")
	}
	b.post(c.revocationOf(agent), reason).wantTo("/users/")
}
