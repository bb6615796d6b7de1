package comeback

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
)

// Bounds of what is live in one process.
const (
	mostChannels  = 200
	mostListeners = 4 // a session: open pages
	lingering     = 45 * time.Second
	mostFailures  = 5
)

// ErrBusy says that as much is live already as this process allows.
var ErrBusy = errors.New("too much is live already")

// State says whether new tokens are told as they are issued.
type State string

// The states of a live connection.
const (
	Starting State = "starting"
	Told     State = "live"
	Refused  State = "refused" // the platform does not permit it, or does not offer it
	Lost     State = "lost"    // it broke off
	Again    State = "again"   // it broke off a moment ago, and is tried again
	Resumed  State = "resumed" // it is back, and nobody heard of what was issued meanwhile
)

// Live keeps one notification channel for each session that looks at the board. It
// is safe for concurrent use.
type Live struct {
	*Service
	Log *slog.Logger

	mu   sync.Mutex
	hubs map[string]*hub // by session
	all  sync.WaitGroup
	over bool
}

// hub is the channel of one session, with the pages that listen.
type hub struct {
	live         *Live
	session      string
	region       string
	organization string
	token        genesys.Secret
	cancel       context.CancelFunc
	ended        context.Context

	mu        sync.Mutex
	state     State
	wanted    []genesys.UserID
	renew     chan struct{} // there is more to subscribe to
	listeners map[chan struct{}]bool
	idle      *time.Timer
}

// Look is what a page is opened with.
type Look struct {
	Session      string // its id
	Region       string
	Organization string
	Token        genesys.Secret
	Fresh        bool // a person has just looked: the platform may be asked
}

// Listener hears of changes until it leaves.
type Listener struct {
	Changed chan struct{} // something new is known, or the state is another
	hub     *hub
}

// Listen joins the channel of a session. Only a fresh look opens one, or extends it
// to people who were revoked meanwhile: what a page asks for by itself must not keep
// a token alive. It returns a listener whose state is Lost if there is none.
func (l *Live) Listen(ctx context.Context, look Look) (*Listener, error) {
	var wanted []genesys.UserID
	if look.Fresh {
		board, err := l.Board(ctx, look.Organization)
		if err != nil {
			return nil, err
		}
		for _, p := range board {
			wanted = append(wanted, p.ID)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.hubs[look.Session]
	if h != nil && look.Fresh && h.isLost() {
		h.cancel()
		delete(l.hubs, look.Session)
		h = nil
	}
	switch {
	case h == nil && !look.Fresh, l.over:
		return &Listener{Changed: make(chan struct{}, 1), hub: &hub{state: Lost}}, nil
	case h == nil && len(l.hubs) >= mostChannels:
		return nil, ErrBusy
	case h == nil:
		h = l.open(look, wanted)
	}
	return h.join(look, wanted)
}

// open starts a channel. The caller holds l.mu.
func (l *Live) open(look Look, wanted []genesys.UserID) *hub {
	ctx, cancel := context.WithCancel(context.Background())
	h := &hub{
		live: l, session: look.Session, region: look.Region, organization: look.Organization, token: look.Token,
		cancel: cancel, ended: ctx, state: Starting, wanted: wanted, renew: make(chan struct{}, 1),
		listeners: map[chan struct{}]bool{},
	}
	if l.hubs == nil {
		l.hubs = map[string]*hub{}
	}
	l.hubs[look.Session] = h
	l.all.Go(func() {
		err := genesys.Safely(h.run)
		l.mu.Lock()
		if l.hubs[h.session] == h { // a look may have opened another
			delete(l.hubs, h.session)
		}
		l.mu.Unlock()
		cancel()
		l.Log.Info("a notification channel is over", "why", err.Error())
	})
	return h
}

// isLost reports whether nothing more comes from h, though another channel might be had.
func (h *hub) isLost() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state == Lost || h.ended.Err() != nil
}

// Close ends everything that is live, for good.
func (l *Live) Close() {
	l.mu.Lock()
	l.over = true
	for _, h := range l.hubs {
		h.cancel()
	}
	l.mu.Unlock()
	l.all.Wait()
}

// join adds a listener, and what it wants to hear about. The session's token may be
// another one since: it was refreshed.
func (h *hub) join(look Look, wanted []genesys.UserID) (*Listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) >= mostListeners {
		return nil, ErrBusy
	}
	if look.Fresh {
		h.token = look.Token
		if h.state == Resumed {
			h.state = Told // the look itself asked for what was issued meanwhile
		}
	}
	if more := slices.ContainsFunc(wanted, func(id genesys.UserID) bool { return !slices.Contains(h.wanted, id) }); more {
		h.wanted = wanted
		notify(h.renew)
	}
	if h.idle != nil {
		h.idle.Stop()
	}
	changed := make(chan struct{}, 1)
	h.listeners[changed] = true
	return &Listener{Changed: changed, hub: h}, nil
}

// State says whether the listener is told of tokens as they are issued.
func (l *Listener) State() State {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	return l.hub.state
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

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has not heard the last one yet
	}
}

// set tells all listeners of a state.
func (h *hub) set(state State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = state
	for changed := range h.listeners {
		notify(changed)
	}
}

// run keeps the channel until nobody listens any more, or it cannot be had.
func (h *hub) run() error {
	ctx, client := h.ended, h.live.Platform.Client(h.region)
	channel, err := h.begin(ctx, client)
	if err != nil {
		h.set(stateOf(err))
		h.linger(ctx)
		return err
	}
	h.live.all.Go(func() { _ = genesys.Safely(func() error { h.extend(ctx, client, channel.ID); return nil }) })
	failures, connected := 0, Told
	for ; failures < mostFailures; failures++ {
		err = client.Listen(ctx, channel, func() { failures = 0; h.set(connected) }, func(i genesys.Issued) { h.tell(ctx, i) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		h.set(Again)
		connected = Resumed
		pause := time.NewTimer(time.Second << failures)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
	h.set(Lost)
	h.linger(ctx)
	return err
}

// stateOf says whether a channel is refused for good, or only cannot be had now.
func stateOf(err error) State {
	switch {
	case errors.Is(err, genesys.ErrForbidden), errors.Is(err, genesys.ErrNoTopic), errors.Is(err, errNotPermitted):
		return Refused
	}
	return Lost
}

// linger lets the listeners read the state until they leave.
func (h *hub) linger(ctx context.Context) { <-ctx.Done() }

// begin opens the channel and subscribes to everybody watched.
func (h *hub) begin(ctx context.Context, client *genesys.Client) (genesys.Channel, error) {
	_, token := h.asked()
	if _, err := client.GetTokensTopic(ctx, token); err != nil {
		return genesys.Channel{}, err
	}
	channel, err := client.PostNotificationsChannels(ctx, token)
	if err != nil {
		return channel, err
	}
	return channel, h.subscribe(ctx, client, channel.ID)
}

var errNotPermitted = errors.New("the platform permits none of the topics")

func (h *hub) subscribe(ctx context.Context, client *genesys.Client, channel string) error {
	wanted, token := h.asked()
	permitted, err := client.PutTokenSubscriptions(ctx, token, channel, wanted)
	if err == nil && len(permitted) == 0 && len(wanted) > 0 {
		err = errNotPermitted
	}
	return err
}

// asked is whom the pages want to hear about, and the token of who looked last.
func (h *hub) asked() ([]genesys.UserID, genesys.Secret) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wanted, h.token
}

// extend subscribes to more people when a look wants that.
func (h *hub) extend(ctx context.Context, client *genesys.Client, channel string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.renew:
			if err := h.subscribe(ctx, client, channel); err != nil {
				h.live.Log.Info("a notification channel could not be extended", "error", err.Error())
			}
		}
	}
}

// tell keeps what the channel told about somebody whom it was asked about.
func (h *hub) tell(ctx context.Context, i genesys.Issued) {
	h.mu.Lock()
	known := slices.Contains(h.wanted, i.User)
	h.mu.Unlock()
	if !known {
		return
	}
	t := Token{Issued: i.At, ReadAt: h.live.Now(), Address: clipped(i.Address), ClientID: clipped(i.ClientID)}
	if err := h.live.keep(ctx, h.organization, []row{rowOf(i.User, t)}); err != nil {
		h.live.Log.Error("a new token could not be kept", "error", err.Error())
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for changed := range h.listeners {
		notify(changed)
	}
}

// clipped bounds a text of the platform.
func clipped(text string) string {
	const longest = 64 // an address or an id
	if len(text) > longest {
		return ""
	}
	return text
}

// Over is closed when nothing more will come.
func (l *Listener) Over() <-chan struct{} {
	if l.hub.ended == nil {
		return nil
	}
	return l.hub.ended.Done()
}
