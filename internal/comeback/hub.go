package comeback

import (
	"context"
	"slices"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
)

// hub is the channel of one session, with the pages that listen.
type hub struct {
	live         *Live
	session      string
	person       string
	region       string
	organization string
	cancel       context.CancelFunc
	ended        context.Context
	renew        chan struct{} // there is more to subscribe to
	joined       chan struct{} // the channel is connected for the first time

	mu        sync.Mutex
	token     genesys.Secret
	state     State
	wanted    []genesys.UserID
	asked     map[genesys.UserID]bool // the platform answered about them
	permitted map[genesys.UserID]bool // and tells of their tokens
	listeners map[chan struct{}]bool
	idle      *time.Timer
}

func newHub(l *Live, look Look, wanted []genesys.UserID) *hub {
	ctx, cancel := context.WithCancel(context.Background())
	return &hub{
		live: l, session: look.Session, person: look.Person, region: look.Region, organization: look.Organization,
		cancel: cancel, ended: ctx, renew: make(chan struct{}, 1), joined: make(chan struct{}, 1),
		token: look.Token, state: Starting, wanted: wanted, listeners: map[chan struct{}]bool{},
	}
}

// Listener hears of changes until it leaves.
type Listener struct {
	Changed chan struct{} // something new is known, or the state is another
	hub     *hub
}

// nobody is a listener to nothing.
func nobody(state State) *Listener {
	return &Listener{Changed: make(chan struct{}, 1), hub: &hub{state: state}}
}

// State says whether the listener is told of tokens as they are issued.
func (l *Listener) State() State {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	return l.hub.state
}

// Over is closed when nothing more will come.
func (l *Listener) Over() <-chan struct{} {
	if l.hub.ended == nil {
		return nil
	}
	return l.hub.ended.Done()
}

// Leave ends the listening. The channel outlives its last listener for a moment,
// for the page that comes next.
func (l *Listener) Leave() {
	h := l.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l.Changed)
	if len(h.listeners) == 0 && h.cancel != nil {
		h.idle = time.AfterFunc(lingering, h.cancel)
	}
}

// join adds a listener, and what it wants to hear about. The session's token may be
// another one since: it was refreshed.
func (h *hub) join(look Look, wanted []genesys.UserID) *Listener {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) >= mostListeners {
		return nobody(Busy)
	}
	if look.Fresh {
		h.token = look.Token
		if h.state == Resumed {
			h.state = Told // the look itself asked for what was issued meanwhile
		}
		h.wanted = wanted
		h.askForMore()
	}
	if h.idle != nil {
		h.idle.Stop()
	}
	changed := make(chan struct{}, 1)
	h.listeners[changed] = true
	return &Listener{Changed: changed, hub: h}
}

// askForMore has attend subscribe to those who are wanted and were not asked about,
// once the channel is there. The caller holds h.mu.
func (h *hub) askForMore() {
	if h.asked != nil && slices.ContainsFunc(h.wanted, func(id genesys.UserID) bool { return !h.asked[id] }) {
		notify(h.renew)
	}
}

// isLost reports whether nothing more comes from h, though another channel might be had.
func (h *hub) isLost() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state == Lost || h.ended.Err() != nil
}

// isIdle reports whether nobody listens to h.
func (h *hub) isIdle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners) == 0
}

// set tells all listeners of a state.
func (h *hub) set(state State) {
	h.mu.Lock()
	h.state = state
	h.mu.Unlock()
	h.changed()
}

// changed tells all listeners that something new is known.
func (h *hub) changed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for changed := range h.listeners {
		notify(changed)
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has not heard the last one yet
	}
}
