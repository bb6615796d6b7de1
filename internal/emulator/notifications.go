package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// tokensTopic is the topic of the tokens that a person gets.
const tokensTopic = "v2.users.{id}.tokens"

// topicPermission is what subscribing to somebody's tokens needs here. The vendor
// names it nowhere but in the answer of availabletopics.
const topicPermission = "oauth:client:view"

// notification is a message of a channel.
type notification struct {
	TopicName string    `json:"topicName"`
	Version   string    `json:"version,omitempty"`
	EventBody any       `json:"eventBody"`
	Metadata  *metadata `json:"metadata,omitempty"`
}

type metadata struct {
	CorrelationID string `json:"CorrelationId"`
}

// tokenEvent is the vendor's UserTokensTopicTokenNotification.
type tokenEvent struct {
	User        entity  `json:"user"`
	IPAddress   string  `json:"ipAddress"`
	DateCreated instant `json:"dateCreated"`
	Expires     instant `json:"tokenExpirationDate"`
	SessionID   string  `json:"sessionId"`
	ClientID    string  `json:"clientId"`
	TokenHash   string  `json:"tokenHash"`
}

// tell remembers that p got a token, and tells everybody who subscribed to that.
func (e *Emulator) tell(p *person, client, access string, r *http.Request) {
	now := e.now()
	p.lastIssued.Store(now.UnixMilli())
	address, _, _ := net.SplitHostPort(r.RemoteAddr)
	sum := sha256.Sum256([]byte(access))
	e.channels.publish(strings.Replace(tokensTopic, "{id}", p.id, 1), tokenEvent{
		User: entity{ID: p.id, SelfURI: "/api/v2/users/" + p.id}, IPAddress: address, DateCreated: instant(now),
		Expires: instant(now.Add(e.settings.Load().TokenLifetime)), SessionID: stableID("session", access), ClientID: client,
		TokenHash: hex.EncodeToString(sum[:]),
	})
}

// topic is the platform's AvailableTopic.
type topic struct {
	ID          string   `json:"id"`
	Permissions []string `json:"requiresPermissions,omitempty"`
	Description string   `json:"description,omitempty"`
}

// getAvailableTopics answers GET /api/v2/notifications/availabletopics.
func (e *Emulator) getAvailableTopics(w http.ResponseWriter, r *http.Request, _ caller) error {
	one := topic{ID: tokensTopic}
	for _, expand := range list(r.URL.Query(), "expand") {
		switch expand {
		case "requiresPermissions":
			one.Permissions = []string{topicPermission}
		case "description":
			one.Description = "Tokens issued to a person."
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"entities": []topic{one}})
	return nil
}

// postChannels answers POST /api/v2/notifications/channels.
func (e *Emulator) postChannels(w http.ResponseWriter, r *http.Request, c caller) error {
	opened := e.channels.open(c.token.user, c.token.client, e.now())
	writeJSON(w, http.StatusOK, map[string]any{
		"connectUri": "ws://" + r.Host + channelPath + opened.id, "id": opened.id, "expires": instant(opened.expires),
	})
	return nil
}

// channelTopic is the platform's ChannelTopic.
type channelTopic struct {
	ID      string `json:"id"`
	State   string `json:"state,omitempty"`
	Why     string `json:"rejectionReason,omitempty"`
	SelfURI string `json:"selfUri,omitempty"`
}

// postSubscriptions answers POST /api/v2/notifications/channels/{channelId}/subscriptions.
func (e *Emulator) postSubscriptions(w http.ResponseWriter, r *http.Request, c caller) error {
	return e.subscribe(w, r, c, true)
}

// putSubscriptions answers PUT /api/v2/notifications/channels/{channelId}/subscriptions.
func (e *Emulator) putSubscriptions(w http.ResponseWriter, r *http.Request, c caller) error {
	return e.subscribe(w, r, c, false)
}

// subscribe sets the topics of a channel, or adds to them. With ignoreErrors=true
// those that the caller may not have are rejected one by one.
func (e *Emulator) subscribe(w http.ResponseWriter, r *http.Request, c caller, add bool) error {
	id := r.PathValue("channelId")
	if !e.channels.of(id, c.token.user, c.token.client, e.now()) {
		return notFound()
	}
	var wanted []channelTopic
	if err := readJSON(w, r, &wanted); err != nil {
		return err
	}
	var permitted []string
	for i, one := range wanted {
		refusal := e.refuseTopic(one.ID, c)
		if refusal != nil && r.URL.Query().Get("ignoreErrors") != "true" {
			return refusal
		}
		if refusal != nil {
			wanted[i].State, wanted[i].Why = "Rejected", refusal.Message
			continue
		}
		wanted[i].State = "Permitted"
		permitted = append(permitted, one.ID)
	}
	if !e.channels.subscribe(id, permitted, add) {
		return fail(400, "notification.subscription.too.many.subscriptions", "A channel takes no more topics.")
	}
	writeJSON(w, http.StatusOK, map[string]any{"entities": append([]channelTopic{}, wanted...)})
	return nil
}

// refuseTopic returns why c may not have a topic, or nil.
func (e *Emulator) refuseTopic(name string, c caller) *apiError {
	rest, begins := strings.CutPrefix(name, "v2.users.")
	id, ends := strings.CutSuffix(rest, ".tokens")
	switch {
	case !begins || !ends || e.at(c).byID[id] == nil:
		return fail(400, "notification.invalid.topic", "There is no topic {topic}.", "topic", name)
	case c.person != nil && !slices.Contains(c.person.permissions, topicPermission):
		return fail(403, "notification.unauthorized.topic", "This person may not hear of {topic}.", "topic", name)
	}
	return nil
}

// pingLimit bounds what a listener of a channel sends, in bytes.
const pingLimit = 4 << 10

// stream answers a WebSocket of a channel: heartbeats, answers to pings, and what
// it subscribed to. Whoever knows the channel's id may listen, as on the platform.
func (e *Emulator) stream(w http.ResponseWriter, r *http.Request) {
	messages, leave := e.channels.connect(strings.TrimPrefix(r.URL.Path, channelPath), e.now())
	if messages == nil {
		http.NotFound(w, r)
		return
	}
	defer leave()
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // it has been answered
	}
	defer func() { _ = connection.CloseNow() }()
	connection.SetReadLimit(pingLimit)
	ctx := r.Context()
	pings, gone := listenTo(ctx, connection)
	beat := time.NewTicker(e.channels.heartbeat)
	defer beat.Stop()
	for {
		var message []byte
		select {
		case <-gone:
			return
		case <-beat.C:
			message = aboutChannel("WebSocket Heartbeat")
		case <-pings:
			message = aboutChannel("pong")
		case next, open := <-messages:
			if !open {
				_ = connection.Close(websocket.StatusGoingAway, "")
				return
			}
			message = next
		}
		if connection.Write(ctx, websocket.MessageText, message) != nil {
			return
		}
	}
}

// listenTo tells of the pings of whoever listens on a connection, and when they are gone.
func listenTo(ctx context.Context, connection *websocket.Conn) (pings, gone <-chan struct{}) {
	pinged, left := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(left)
		for {
			_, content, err := connection.Read(ctx)
			if err != nil {
				return
			}
			var ping struct{ Message string }
			if json.Unmarshal(content, &ping) == nil && ping.Message == "ping" {
				select {
				case pinged <- struct{}{}:
				default:
				}
			}
		}
	}()
	return pinged, left
}

// aboutChannel is a message about the channel itself.
func aboutChannel(words string) []byte {
	message, err := json.Marshal(notification{TopicName: "channel.metadata", EventBody: map[string]string{"message": words}})
	if err != nil {
		panic(err) // it is a struct of ours
	}
	return message
}
