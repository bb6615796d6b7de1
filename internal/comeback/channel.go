package comeback

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"tokenconsole/internal/genesys"
)

// run keeps the channel until nobody listens any more, or it cannot be had.
func (h *hub) run() error {
	ctx, client := h.ended, h.live.Platform.Client(h.region)
	channel, err := h.begin(ctx, client)
	if err != nil {
		h.set(stateOf(err))
		<-ctx.Done() // until then listeners may read the state
		return err
	}
	h.live.all.Go(func() { _ = genesys.Safely(func() error { h.attend(ctx, client, channel.ID); return nil }) })
	tries, connected := retries{unit: cmp.Or(h.live.unit, time.Second)}, Told
	for {
		var since time.Time
		err = client.Listen(ctx, channel, func() {
			since = time.Now()
			h.set(connected)
			notify(h.joined)
		}, func(i genesys.Issued) { h.tell(ctx, i) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pause, again := tries.next(since)
		if !again {
			h.set(Lost)
			<-ctx.Done()
			return err
		}
		h.set(Again)
		connected = Resumed
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
	}
}

// sleep waits, and reports false if ctx ended before.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// retries says how long to wait before a connection that broke off is taken up again:
// longer each time, and by chance, so that not all come at once. One that held for a
// while is forgiven.
type retries struct {
	unit   time.Duration
	inARow int
}

const (
	mostInARow = 5
	heldLong   = time.Minute
)

// next is the pause after a connection that was there since; zero if it never was.
func (r *retries) next(since time.Time) (pause time.Duration, again bool) {
	if !since.IsZero() && time.Since(since) >= heldLong {
		r.inARow = 0
	}
	if r.inARow >= mostInARow {
		return 0, false
	}
	whole := r.unit << r.inARow
	r.inARow++
	return whole/2 + rand.N(whole/2), true // #nosec G404 -- it only spreads them
}

// stateOf says whether a channel is refused for good, or only cannot be had now.
func stateOf(err error) State {
	switch {
	case errors.Is(err, genesys.ErrForbidden), errors.Is(err, genesys.ErrNoTopic), errors.Is(err, errNotPermitted):
		return Refused
	}
	return Lost
}

// begin opens the channel and subscribes to everybody watched.
func (h *hub) begin(ctx context.Context, client *genesys.Client) (genesys.Channel, error) {
	_, token := h.wants()
	if _, err := client.GetTokensTopic(ctx, token); err != nil {
		return genesys.Channel{}, err
	}
	channel, err := client.PostNotificationsChannels(ctx, token)
	if err != nil {
		return channel, err
	}
	if err := h.subscribe(ctx, client, channel.ID); err != nil {
		return channel, err
	}
	if h.isDeaf() {
		return channel, errNotPermitted
	}
	return channel, nil
}

var errNotPermitted = errors.New("the platform permits none of the topics")

// subscribe asks for the tokens of everybody who is wanted, in the place of those
// asked for before.
func (h *hub) subscribe(ctx context.Context, client *genesys.Client, channel string) error {
	wanted, token := h.wants()
	permitted, err := client.PutTokenSubscriptions(ctx, token, channel, wanted)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked, h.permitted = setOf(wanted), setOf(permitted)
	h.askForMore() // a look may have come in between
	return nil
}

func setOf(ids []genesys.UserID) map[genesys.UserID]bool {
	set := make(map[genesys.UserID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// wants is whom the pages want to hear about, and the token of who looked last.
func (h *hub) wants() ([]genesys.UserID, genesys.Secret) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wanted, h.token
}

// isDeaf reports whether the platform tells of none of those who are wanted.
func (h *hub) isDeaf() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.wanted) > 0 && len(h.permitted) == 0
}

// attend subscribes to more people when a look wants that, and reads the board once
// more some time after the channel began to tell of somebody. Between the look and
// that moment a token may have been issued.
func (h *hub) attend(ctx context.Context, client *genesys.Client, channel string) {
	settle := time.NewTimer(h.live.settling())
	settle.Stop()
	defer settle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.joined:
			settle.Reset(h.live.settling())
		case <-h.renew:
			if err := h.subscribe(ctx, client, channel); err != nil {
				h.live.Log.Info("a notification channel could not be extended", "error", err.Error())
			}
			h.changed() // of whom it tells, or that it does not
			settle.Reset(h.live.settling())
		case <-settle.C:
			h.settle(ctx)
		}
	}
}

// settle reads the board once more, if a page is open. If it cannot be read the page
// says that something may be missing.
func (h *hub) settle(ctx context.Context) {
	if h.isIdle() {
		return
	}
	_, token := h.wants()
	board, err := h.live.Board(ctx, h.organization)
	if err == nil {
		var reading Reading
		reading, err = h.live.Read(ctx, h.region, token, board)
		err = errors.Join(err, reading.Failed)
	}
	if err != nil {
		h.live.Log.Info("the evidence could not be read", "error", err.Error())
		h.demote()
	}
	h.changed()
}

// demote says of a channel that is live that something before it may be missing.
func (h *hub) demote() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state == Told {
		h.state = Resumed
	}
}

// tell keeps what the channel told about somebody whom it was asked about.
func (h *hub) tell(ctx context.Context, i genesys.Issued) {
	h.mu.Lock()
	known := slices.Contains(h.wanted, i.User) // be it before the answer to the subscription
	h.mu.Unlock()
	if !known {
		return
	}
	t := Token{Issued: i.At, ReadAt: h.live.Now(), Address: clipped(i.Address), ClientID: clipped(i.ClientID)}
	if err := h.live.keep(ctx, h.organization, []row{rowOf(i.User, t)}); err != nil {
		h.live.Log.Error("a new token could not be kept", "error", err.Error())
		return
	}
	h.changed()
}

// clipped bounds a text of the platform.
func clipped(text string) string {
	const longest = 64 // an address or an id
	if len(text) > longest {
		return ""
	}
	return text
}
