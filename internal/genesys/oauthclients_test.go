package genesys_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// The secret in the platform's reply is dropped: it is nowhere in what was read, nor
// in what is sent back. Everything else that a request has room for is.
func TestClientsSecretIsDropped(t *testing.T) {
	t.Parallel()
	const reply = `{"id":"a","name":"n","secret":"s3cr3t","state":"active","futureSetting":[1,{"b":2}],"scope":["x"],` +
		`"dateModified":"2026-01-02T03:04:05.000Z","selfUri":"/a","createdBy":{"id":"u","name":"Ada"}}`
	var c genesys.RegisteredClient
	if err := json.Unmarshal([]byte(reply), &c); err != nil {
		t.Fatal(err)
	}
	c.State = genesys.ClientDisabled
	sent, err := json.Marshal(c)
	if want := `{"name":"n","state":"disabled","futureSetting":[1,{"b":2}],"scope":["x"]}`; err != nil || string(sent) != want {
		t.Errorf("sends %s, %v", sent, err)
	}
	if shown := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(shown, "s3cr3t") {
		t.Error(shown)
	}
}

// A client's life of tokens is told in seconds, and a client that was not asked for is none.
func TestClientAsAsked(t *testing.T) {
	t.Parallel()
	reply := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"a","accessTokenValiditySeconds":900}`)
	}
	server := httptest.NewServer(http.HandlerFunc(reply))
	transport := genesys.NewTransport()
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	client := genesys.NewClient(server.URL, transport)
	c, err := client.GetOAuthClient(t.Context(), genesys.NewSecret("x"), "a")
	if err != nil || c.ID != "a" || c.Lifetime != 15*time.Minute {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = client.GetOAuthClient(t.Context(), genesys.NewSecret("x"), "b"); !errors.Is(err, genesys.ErrAnotherUser) || c.ID != "" {
		t.Errorf("another one: %+v, %v", c, err)
	}
}

func TestClientsVersionTellsChanges(t *testing.T) {
	t.Parallel()
	version := func(reply string) string {
		var c genesys.RegisteredClient
		if err := json.Unmarshal([]byte(reply), &c); err != nil {
			t.Fatal(err)
		}
		return c.Version()
	}
	was := version(`{"id":"a","name":"n","scope":["x"],"secret":"1"}`)
	for name, test := range map[string]struct {
		reply string
		same  bool
	}{
		"in another order":         {`{"secret":"1", "scope":["x"],"name":"n","id":"a"}`, true},
		"with another secret":      {`{"id":"a","name":"n","scope":["x"],"secret":"2"}`, true},
		"with another scope":       {`{"id":"a","name":"n","scope":["y"]}`, false},
		"with one unknown setting": {`{"id":"a","name":"n","scope":["x"],"more":1}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			if same := version(test.reply) == was; same != test.same {
				t.Errorf("same: %t", same)
			}
		})
	}
}

func TestClientsAndTheirUse(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	token := p.token(admin, emulator.DemoClientID)
	clients := read(t, all(token, p.GetOAuthClients))
	if len(clients) != 9 {
		t.Fatalf("%d clients", len(clients))
	}
	doomed := p.token(agent, emulator.NarrowClientID)
	c, err := p.GetOAuthClient(t.Context(), token, emulator.NarrowClientID)
	if err != nil || c.CreatedBy.Name != "Ada Park" || c.Grant != "CODE" {
		t.Fatalf("%+v, %v", c, err)
	}
	c.State = genesys.ClientDisabled
	if _, err := p.PutOAuthClient(t.Context(), token, c); err != nil {
		t.Fatal(err)
	}
	if _, err := p.GetTokensMe(t.Context(), doomed, genesys.PreserveIdle); !errors.Is(err, genesys.ErrUnauthorized) {
		t.Errorf("the client's token: %v", err)
	}
	if n, known, err := p.GetOAuthClientUsage(t.Context(), token, emulator.DemoClientID, 3); n < 3 || !known || err != nil {
		t.Errorf("%d requests, %t, %v", n, known, err)
	}
	if _, known, err := p.GetOAuthClientUsage(t.Context(), token, emulator.DemoClientID, 1); known || err != nil {
		t.Errorf("known after one question: %t, %v", known, err)
	}
}

func TestChannelTellsOfTokens(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	token := p.token(admin, emulator.DemoClientID)
	who := p.me(p.token(agent, emulator.NarrowClientID)).ID
	permissions, err := p.GetTokensTopic(t.Context(), token)
	if err != nil || len(permissions) != 1 {
		t.Fatalf("%q, %v", permissions, err)
	}
	channel, err := p.PostNotificationsChannels(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	permitted, err := p.PutTokenSubscriptions(t.Context(), token, channel.ID, []genesys.UserID{who})
	if err != nil || len(permitted) != 1 {
		t.Fatalf("%v, %v", permitted, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var told genesys.Issued
	err = p.Listen(ctx, channel,
		func() { p.send("POST", "/emulator/tokens", `{"email":"`+agent+`","clientId":"demo-narrow"}`) },
		func(i genesys.Issued) { told = i; cancel() })
	if !errors.Is(err, context.Canceled) || told.User != who || told.Address != "127.0.0.1" || told.ClientID != emulator.NarrowClientID {
		t.Errorf("%+v, %v", told, err)
	}
	other := p.token(supervisor, emulator.DemoClientID)
	if channel, err = p.PostNotificationsChannels(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if permitted, err := p.PutTokenSubscriptions(t.Context(), other, channel.ID, []genesys.UserID{who}); err != nil || len(permitted) > 0 {
		t.Errorf("without permission: %v, %v", permitted, err)
	}
}

// A redirect would lead round the check of a channel's address.
func TestChannelIsNotRedirected(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("redirect followed: %s %s", r.Method, r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		platform := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		t.Cleanup(platform.Close)
		cl := genesys.NewClient(platform.URL, genesys.NewTransport())
		channel := genesys.Channel{ConnectURI: strings.Replace(platform.URL, "http:", "ws:", 1)}
		err := cl.Listen(t.Context(), channel, func() { t.Error("connected") }, nil)
		if !errors.Is(err, genesys.ErrNoAnswer) {
			t.Errorf("answered %d: %v", status, err)
		}
	}
}

// A channel's address that is not the platform's is never connected to.
func TestChannelElsewhere(t *testing.T) {
	t.Parallel()
	cl := genesys.NewClient("https://api.mypurecloud.ie", genesys.NewTransport())
	for _, uri := range []string{
		"wss://streaming.evil.example/channels/1", "ws://streaming.mypurecloud.ie/channels/1", "https://api.mypurecloud.ie/1",
		"wss://mypurecloud.ie.evil.example/1", "wss://evilmypurecloud.ie/1", "wss://a@streaming.mypurecloud.ie/1", ":", "",
	} {
		t.Run(uri, func(t *testing.T) {
			err := cl.Listen(t.Context(), genesys.Channel{ConnectURI: uri}, func() { t.Error("connected") }, nil)
			if err == nil || errors.Is(err, genesys.ErrNoAnswer) {
				t.Errorf("%v", err)
			}
		})
	}
}
