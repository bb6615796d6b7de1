package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// MaxTopics is how many topics one notification channel takes.
const MaxTopics = 1000

// tokensTopic is the topic of the tokens that are issued to somebody, as
// GetNotificationsAvailableTopics names it.
const tokensTopic = "v2.users.{id}.tokens" // #nosec G101 -- the name of a topic

// ErrNoTopic says that the platform does not offer to tell of issued tokens.
var ErrNoTopic = errors.New("the platform does not offer the topic of issued tokens")

// Channel is a notification channel: messages arrive over one WebSocket.
type Channel struct {
	ID         string    `json:"id"`
	ConnectURI string    `json:"connectUri"` // whoever knows it may listen
	Expires    time.Time `json:"expires"`
}

// GetTokensTopic returns the permissions that subscribing to somebody's tokens
// needs, as the platform tells, or ErrNoTopic (GET
// /api/v2/notifications/availabletopics; no permission, scope notifications).
func (cl *Client) GetTokensTopic(ctx context.Context, token Secret) (permissions []string, err error) {
	var reply struct {
		Entities []struct {
			ID          string   `json:"id"`
			Permissions []string `json:"requiresPermissions"`
		} `json:"entities"`
	}
	_, err = cl.do(ctx, token, call{
		operation: "GetNotificationsAvailableTopics", method: http.MethodGet, path: "/api/v2/notifications/availabletopics",
		query: url.Values{"expand": {"requiresPermissions"}}, reply: &reply,
	})
	if err != nil {
		return nil, err
	}
	for _, topic := range reply.Entities {
		if topic.ID == tokensTopic {
			return topic.Permissions, nil
		}
	}
	return nil, ErrNoTopic
}

// PostNotificationsChannels opens a channel for 24 hours. A person and client have
// 20 at most; one more takes the place of the oldest (POST
// /api/v2/notifications/channels; no permission, scope notifications).
func (cl *Client) PostNotificationsChannels(ctx context.Context, token Secret) (Channel, error) {
	var c Channel
	_, err := cl.do(ctx, token, call{
		operation: "PostNotificationsChannels", method: http.MethodPost, path: "/api/v2/notifications/channels", reply: &c,
	})
	return c, err
}

// PutTokenSubscriptions makes a channel tell of the tokens of users, at most
// MaxTopics, and of nothing else. It returns those whom the platform permits (PUT
// /api/v2/notifications/channels/{channelId}/subscriptions; the permissions that
// GetTokensTopic tells, scope notifications).
func (cl *Client) PutTokenSubscriptions(ctx context.Context, token Secret, channel string, users []UserID) ([]UserID, error) {
	type topic struct {
		ID    string `json:"id"`
		State string `json:"state,omitempty"`
	}
	asked := make([]topic, 0, min(len(users), MaxTopics))
	for _, id := range users[:min(len(users), MaxTopics)] {
		asked = append(asked, topic{ID: strings.Replace(tokensTopic, "{id}", id.String(), 1)})
	}
	var reply struct {
		Entities []topic `json:"entities"`
	}
	_, err := cl.do(ctx, token, call{
		operation: "PutNotificationsChannelSubscriptions", method: http.MethodPut,
		path:  "/api/v2/notifications/channels/" + url.PathEscape(channel) + "/subscriptions",
		query: url.Values{"ignoreErrors": {"true"}}, body: asked, reply: &reply,
	})
	var permitted []UserID
	for _, topic := range reply.Entities {
		if id, ok := topicUser(topic.ID); ok && topic.State != "Rejected" && slices.Contains(users, id) {
			permitted = append(permitted, id)
		}
	}
	return permitted, err
}

// topicUser returns whose tokens a topic is about.
func topicUser(topic string) (UserID, bool) {
	before, after, _ := strings.Cut(tokensTopic, "{id}")
	rest, begins := strings.CutPrefix(topic, before)
	text, ends := strings.CutSuffix(rest, after)
	id, err := ParseUserID(text)
	return id, begins && ends && err == nil
}

// Issued tells of a token that was issued to somebody.
type Issued struct {
	User     UserID
	At       time.Time
	Address  string // of whoever got it, as the platform saw it
	ClientID string
}

// maxMessage is the largest message of a channel that is read, in bytes.
const maxMessage = 64 << 10

// silence is how long a channel may say nothing: its heartbeats come about every
// 30 seconds.
const silence = 100 * time.Second

// Listen calls tell for every token that the channel tells of, until ctx ends, the
// connection breaks, or no heartbeat comes. It connects only to the platform's own
// hosts, and sends no token. Joined is called once it is connected.
func (cl *Client) Listen(ctx context.Context, c Channel, joined func(), tell func(Issued)) error {
	if err := cl.checkStream(c.ConnectURI); err != nil {
		return err
	}
	dialing, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	connection, _, err := websocket.Dial(dialing, c.ConnectURI, &websocket.DialOptions{HTTPClient: &http.Client{
		Transport: cl.transport,
		// A redirect would lead round checkStream.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}})
	if err != nil {
		return &NoAnswerError{Operation: "Listen", Err: errors.New("the channel could not be connected")} // its URL is a secret
	}
	defer func() { _ = connection.CloseNow() }()
	connection.SetReadLimit(maxMessage)
	joined()
	for {
		reading, cancel := context.WithTimeout(ctx, silence)
		_, content, err := connection.Read(reading)
		cancel()
		if err != nil {
			return fmt.Errorf("listening to a channel: %w", Outside(err))
		}
		if issued, ok := readIssued(content); ok {
			tell(issued)
		}
	}
}

// readIssued reads a message of a channel, if it is about an issued token.
func readIssued(content []byte) (Issued, bool) {
	var message struct {
		Topic string `json:"topicName"`
		Body  struct {
			Address  string    `json:"ipAddress"`
			Created  time.Time `json:"dateCreated"`
			ClientID string    `json:"clientId"`
		} `json:"eventBody"`
	}
	if json.Unmarshal(content, &message) != nil {
		return Issued{}, false
	}
	id, ok := topicUser(message.Topic)
	return Issued{id, message.Body.Created, message.Body.Address, message.Body.ClientID}, ok && !message.Body.Created.IsZero()
}

// checkStream makes sure that a channel's address belongs to the platform: the host
// of the API or a sibling of it, and encrypted where the API is.
func (cl *Client) checkStream(connect string) error {
	base, err := url.Parse(cl.base)
	if err != nil {
		return err
	}
	u, err := url.Parse(connect)
	if err != nil || u.User != nil {
		return errStream
	}
	encrypted := u.Scheme == "wss"
	if !encrypted && (u.Scheme != "ws" || base.Scheme != "http") {
		return errStream
	}
	domain := strings.TrimPrefix(base.Hostname(), "api.")
	if u.Host != base.Host && (!encrypted || !strings.HasSuffix(u.Hostname(), "."+domain)) {
		return errStream
	}
	return nil
}

var errStream = errors.New("the channel's address is not the platform's")
