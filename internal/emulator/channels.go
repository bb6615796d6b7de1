package emulator

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	channelPath     = "/channels/"
	channelLife     = 24 * time.Hour
	channelsEach    = 20   // a person and client
	topicsPerOne    = 1000 // a channel
	waitingMessages = 64   // of a connection that reads too slowly
)

// channel is a notification channel of a person and a client.
type channel struct {
	id, user, client string
	expires          time.Time
	used             time.Time
	topics           []string
	connections      []chan []byte
}

// channels are the notification channels of the platform.
type channels struct {
	heartbeat time.Duration

	mu   sync.Mutex
	byID map[string]*channel
}

func newChannels(heartbeat time.Duration) *channels {
	return &channels{heartbeat: heartbeat, byID: map[string]*channel{}}
}

// open adds a channel. The 21st of a person and client takes the place of the one
// that was used the longest time ago; those without a connection go first.
func (s *channels) open(user, client string, now time.Time) *channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []*channel
	for id, one := range s.byID {
		if !now.Before(one.expires) {
			delete(s.byID, id)
		} else if one.user == user && one.client == client {
			own = append(own, one)
		}
	}
	if len(own) >= channelsEach {
		oldest := slices.MinFunc(own, func(a, b *channel) int {
			if connected := min(len(a.connections), 1) - min(len(b.connections), 1); connected != 0 {
				return connected
			}
			return a.used.Compare(b.used)
		})
		delete(s.byID, oldest.id)
		oldest.end()
	}
	c := &channel{id: uuid.NewString(), user: user, client: client, expires: now.Add(channelLife), used: now}
	s.byID[c.id] = c
	return c
}

// of reports whether a channel is that of a person and a client.
func (s *channels) of(id, user, client string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.byID[id]
	return c != nil && c.user == user && c.client == client && now.Before(c.expires)
}

// subscribe sets the topics of a channel, or adds to them. It reports whether they
// are few enough.
func (s *channels) subscribe(id string, topics []string, add bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.byID[id]
	if add {
		topics = append(slices.Clone(c.topics), topics...)
	}
	slices.Sort(topics)
	topics = slices.Compact(topics)
	if len(topics) > topicsPerOne {
		return false
	}
	c.topics = topics
	return true
}

// connect returns where the messages of a channel arrive, nil if there is none,
// and a function that ends that.
func (s *channels) connect(id string, now time.Time) (messages chan []byte, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.byID[id]
	if c == nil || !now.Before(c.expires) {
		return nil, nil
	}
	messages = make(chan []byte, waitingMessages)
	c.connections, c.used = append(c.connections, messages), now
	return messages, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		c.connections = slices.DeleteFunc(c.connections, func(one chan []byte) bool { return one == messages })
	}
}

// publish sends event to everybody who subscribed to topic. A connection that
// reads too slowly misses it.
func (s *channels) publish(topic string, event any) {
	message, err := json.Marshal(notification{TopicName: topic, Version: "2", EventBody: event, Metadata: &metadata{uuid.NewString()}})
	if err != nil {
		panic(err) // every event is a struct of ours
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.byID {
		if _, ok := slices.BinarySearch(c.topics, topic); !ok {
			continue
		}
		for _, connection := range c.connections {
			select {
			case connection <- message:
			default:
			}
		}
	}
}

// cut breaks all connections off. The channels stay.
func (s *channels) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.byID {
		c.end()
	}
}

// end closes the connections of a channel.
func (c *channel) end() {
	for _, connection := range c.connections {
		close(connection)
	}
	c.connections = nil
}
