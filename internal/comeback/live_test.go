package comeback

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

const (
	region = "demo"
	admin  = "admin@demo.example"
	agent  = "agent@demo.example"
)

// lively is a fixture on an emulated platform, of whose people the agent was revoked.
type lively struct {
	*fixture
	live     *Live
	emulator *emulator.Emulator
	url      string
	agent    genesys.UserID
}

// newLively has what the platform is asked pass through wrap, if there is one.
func newLively(t *testing.T, wrap func(http.Handler) http.Handler) *lively {
	t.Helper()
	l := &lively{fixture: newFixture(t, databasetest.Open(t, databasetest.SQLite(t)))}
	l.emulator = emulator.New(emulator.Options{RateLimit: 1 << 20, Now: l.now})
	handler := http.Handler(l.emulator)
	if wrap != nil {
		handler = wrap(handler)
	}
	server := httptest.NewServer(handler)
	transport := genesys.NewTransport()
	l.url = server.URL
	at := genesys.Region{Name: region, Domain: region, LoginURL: l.url, APIURL: l.url}
	l.Platform = genesys.NewPlatform([]genesys.Region{at}, transport)
	l.live = &Live{
		Service: l.Service, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), settleAfter: time.Hour, unit: time.Millisecond,
	}
	l.agent = userID(t, l.emulator.UserByEmail(agent))
	l.revoked(userID(t, l.emulator.UserByEmail(admin)), l.agent, audit.Done)
	t.Cleanup(func() { l.live.Close(); transport.CloseIdleConnections(); server.Close() })
	return l
}

// send posts to the emulator's back door.
func (l *lively) send(path string, body, reply any) {
	l.t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		l.t.Fatal(err)
	}
	response, err := http.Post(l.url+path, "application/json", bytes.NewReader(content))
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 300 {
		l.t.Fatalf("%s answers %s", path, response.Status)
	}
	if reply != nil {
		if err := json.NewDecoder(response.Body).Decode(reply); err != nil {
			l.t.Fatal(err)
		}
	}
}

// signedIn is a token of somebody.
func (l *lively) signedIn(email string) genesys.Secret {
	l.t.Helper()
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	l.send("/emulator/tokens", map[string]string{"email": email, "clientId": emulator.DemoClientID}, &minted)
	return genesys.NewSecret(minted.AccessToken)
}

// listen has a person look with a session.
func (l *lively) listen(session, person string) *Listener {
	l.t.Helper()
	listener, err := l.live.Listen(l.t.Context(), Look{
		Session: session, Person: person, Region: region, Organization: organization.ID,
		Token: l.signedIn(admin), Fresh: true,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return listener
}

// awaits waits until a condition holds after a change that the listener is told of.
func (l *lively) awaits(listener *Listener, what string, holds func() bool) {
	l.t.Helper()
	late := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-listener.Changed:
		case <-late:
			l.t.Fatalf("it is %s, and not %s", listener.State(), what)
		}
	}
}

func (l *lively) awaitState(listener *Listener, want State) {
	l.t.Helper()
	l.awaits(listener, string(want), func() bool { return listener.State() == want })
}

// covered is of how many of all people the session is told.
func (l *lively) covered(session string) string {
	l.t.Helper()
	board, err := l.Board(l.t.Context(), organization.ID)
	if err != nil {
		l.t.Fatal(err)
	}
	return strconv.Itoa(l.live.Covers(session, board.People)) + " of " + strconv.Itoa(len(board.People))
}

// A token that was issued between the look and the moment from which the channel told
// is found by itself, at the next turn to read.
func TestTokenBeforeTheChannelIsFound(t *testing.T) {
	t.Parallel()
	l := newLively(t, nil)
	l.live.settleAfter = time.Millisecond
	l.to(time.Minute)
	l.signedIn(agent) // nobody subscribes to it yet
	listener := l.listen("session", admin)
	l.awaits(listener, "back", func() bool { return l.of(l.agent).CameBack() })
	if state := listener.State(); state != Told {
		t.Errorf("it is %s", state)
	}
}

// If that reading fails the page says that something may be missing.
func TestFailedReadingAfterTheChannelIsTold(t *testing.T) {
	t.Parallel()
	l := newLively(t, nil)
	l.live.settleAfter = time.Millisecond
	l.send("/emulator/faults", emulator.Fault{Match: "GET /api/v2/users?", Status: 503}, nil)
	l.awaitState(l.listen("session", admin), Resumed)
}

// A channel is live for those whom the platform permits, and says for how many that is.
func TestLiveForSome(t *testing.T) {
	t.Parallel()
	l := newLively(t, nil)
	l.revoked(l.agent, userID(t, "6a8f3c1e-1111-4222-8333-944455556666"), audit.Done) // whom the platform does not know
	l.awaitState(l.listen("session", admin), Told)
	if got := l.covered("session"); got != "1 of 2" {
		t.Errorf("live for %s", got)
	}
	if got := l.covered("another"); got != "0 of 2" {
		t.Errorf("another session is live for %s", got)
	}
}

// A channel that cannot be extended stays live for those it had, says so, and is
// extended by the next look.
func TestChannelThatCannotBeExtended(t *testing.T) {
	t.Parallel()
	l := newLively(t, nil)
	first := l.listen("session", admin)
	l.awaitState(first, Told)
	if got := l.covered("session"); got != "1 of 1" {
		t.Errorf("live for %s", got)
	}
	l.revoked(l.agent, userID(t, l.emulator.UserByEmail(admin)), audit.Done)
	l.send("/emulator/faults", emulator.Fault{Match: "PUT /api/v2/notifications", Status: 503, Times: 1}, nil)
	l.listen("session", admin)
	<-first.Changed // it is told of the failure
	if got := l.covered("session"); got != "1 of 2" {
		t.Errorf("live for %s", got)
	}
	l.listen("session", admin)
	l.awaits(first, "extended", func() bool { return l.covered("session") == "2 of 2" })
}

// A channel that breaks off at once each time is given up after some tries.
func TestFlappingChannelIsGivenUp(t *testing.T) {
	t.Parallel()
	var connected atomic.Int32
	l := newLively(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/channels/") {
				next.ServeHTTP(w, r)
				return
			}
			connected.Add(1)
			if connection, err := websocket.Accept(w, r, nil); err == nil {
				_ = connection.CloseNow()
			}
		})
	})
	l.awaitState(l.listen("session", admin), Lost)
	if n := connected.Load(); n != mostInARow+1 {
		t.Errorf("connected %d times, want %d", n, mostInARow+1)
	}
}

func TestPausesGrow(t *testing.T) {
	t.Parallel()
	r := retries{unit: time.Second}
	soon := func() time.Time { return time.Now().Add(-time.Second) }
	for i, whole := range []time.Duration{1, 2, 4, 8, 16} {
		pause, again := r.next(soon())
		if whole *= time.Second; !again || pause < whole/2 || pause >= whole {
			t.Errorf("pause %d is %s, %t, want %s to %s", i+1, pause, again, whole/2, whole)
		}
	}
	if _, again := r.next(time.Time{}); again {
		t.Error("it goes on and on")
	}
	if pause, again := r.next(time.Now().Add(-2 * heldLong)); !again || pause >= time.Second {
		t.Errorf("after a connection that held: %s, %t", pause, again)
	}
}

// Nobody takes all channels: one person has a share, and those of their sessions that
// no page listens to make room.
func TestChannelsAreShared(t *testing.T) {
	t.Parallel()
	l := newLively(t, nil)
	var own []*Listener
	for i := range eachPerson {
		own = append(own, l.listen("session "+strconv.Itoa(i), "one"))
	}
	for i, listener := range own {
		if listener.State() == Busy {
			t.Errorf("session %d is busy", i)
		}
	}
	if state := l.listen("one more", "one").State(); state != Busy {
		t.Errorf("one more is %s", state)
	}
	if state := l.listen("another's", "another").State(); state == Busy {
		t.Error("another person finds no room")
	}
	own[0].Leave()
	if state := l.listen("one more", "one").State(); state == Busy {
		t.Error("a session that nobody listens to keeps its place")
	}
}
