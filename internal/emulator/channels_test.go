package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

const channelsPath = "/api/v2/notifications/channels"

// listener reads the messages of a channel.
type listener struct {
	*testing.T
	connection *websocket.Conn
}

func (w *world) connect(uri string) *listener {
	w.Helper()
	connection, _, err := websocket.Dial(w.Context(), uri, nil)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = connection.CloseNow() })
	return &listener{w.T, connection}
}

// next returns the next message about topic.
func (l *listener) next(topic string) map[string]any {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 5*time.Second)
	defer cancel()
	for {
		_, content, err := l.connection.Read(ctx)
		if err != nil {
			l.Fatal(err)
		}
		var message map[string]any
		if err := json.Unmarshal(content, &message); err != nil {
			l.Fatal(err)
		}
		if message["topicName"] == topic {
			return message["eventBody"].(map[string]any)
		}
	}
}

func TestChannelsTellOfTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Heartbeat: 10 * time.Millisecond})
	token, agent := w.tokenOf("admin@demo.example"), w.emulator.UserByEmail("agent@demo.example")
	topics := w.call(token, "GET", "/api/v2/notifications/availabletopics?expand=requiresPermissions", "")
	if !strings.Contains(topics.body, `"v2.users.{id}.tokens","requiresPermissions":["oauth:client:view"]`) {
		t.Error(topics.body)
	}
	opened := w.call(token, "POST", channelsPath, "")
	subscriptions := channelsPath + "/" + opened.json["id"].(string) + "/subscriptions"
	topic := "v2.users." + agent + ".tokens"
	if got := w.call(token, "PUT", subscriptions, `[{"id":"`+topic+`"}]`); got.status != 200 || !strings.Contains(got.body, "Permitted") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	l := w.connect(opened.json["connectUri"].(string))
	if beat := l.next("channel.metadata"); beat["message"] != "WebSocket Heartbeat" {
		t.Errorf("%v", beat)
	}
	w.tokenOf("supervisor@demo.example") // nobody subscribed to theirs
	w.tokensOf("agent@demo.example", NarrowClientID)
	event := l.next(topic)
	if event["clientId"] != NarrowClientID || event["ipAddress"] != "127.0.0.1" || event["user"].(map[string]any)["id"] != agent {
		t.Errorf("%v", event)
	}
	if err := l.connection.Write(t.Context(), websocket.MessageText, []byte(`{"message":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	for l.next("channel.metadata")["message"] != "pong" {
	}
}

func TestSubscriptionsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	admin, supervisor := w.tokenOf("admin@demo.example"), w.tokenOf("supervisor@demo.example")
	topic := `[{"id":"v2.users.` + w.emulator.UserByEmail("agent@demo.example") + `.tokens"}]`
	of := func(token string) string {
		return channelsPath + "/" + w.call(token, "POST", channelsPath, "").json["id"].(string) + "/subscriptions"
	}
	var many []string
	for n := range topicsPerOne + 1 {
		many = append(many, fmt.Sprintf(`{"id":"v2.users.%s.tokens"}`, w.emulator.people.people[n%20].id))
	}
	for name, test := range map[string]struct {
		token, path, body string
		status            int
		code              any
	}{
		"without permission":  {supervisor, of(supervisor), topic, 403, "notification.unauthorized.topic"},
		"of somebody else":    {supervisor, of(admin), topic, 404, "not.found"},
		"of an unknown topic": {admin, of(admin), `[{"id":"v2.users.x.tokens"}]`, 400, "notification.invalid.topic"},
		"each topic counted once": {
			admin, of(admin), "[" + strings.Join(many, ",") + "]", 200, nil,
		},
		"one by one": {supervisor, of(supervisor) + "?ignoreErrors=true", topic, 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.call(test.token, "POST", test.path, test.body)
			if got.status != test.status || got.json["code"] != test.code {
				t.Errorf("%d %s", got.status, got.body)
			}
			if strings.Contains(test.path, "ignoreErrors") && !strings.Contains(got.body, `"Rejected"`) {
				t.Error(got.body)
			}
		})
	}
}

// The 21st channel takes the place of the oldest, and an unknown one has no stream.
func TestChannelsAreFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	first := w.call(token, "POST", channelsPath, "").json
	for range channelsEach {
		w.clock.pass(time.Second)
		w.call(token, "POST", channelsPath, "")
	}
	got := w.call(token, "PUT", channelsPath+"/"+first["id"].(string)+"/subscriptions", "[]")
	if got.status != http.StatusNotFound {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.call("", "GET", channelPath+first["id"].(string), ""); got.status != http.StatusNotFound {
		t.Errorf("%d %s", got.status, got.body)
	}
}
