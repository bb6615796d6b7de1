package watch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/comeback"
	"tokenconsole/session"
)

const (
	// freshLook is how long after a person looked their page may ask the platform.
	freshLook = time.Minute
	// beatEvery is how often a stream shows that it is there, and is checked.
	beatEvery = 15 * time.Second
	// writeLimit bounds the writing of one event.
	writeLimit = beatEvery + 10*time.Second
)

// Stream tells an open page by server-sent events when there is something new. It
// ends with the session, soon after its token, or when the browser goes away.
func (r *Room) Stream(v *request.Visit) error {
	while, leave, err := r.Keeper.While(v)
	if err != nil && !errors.Is(err, session.ErrManyLives) {
		return err
	}
	v.Writer.Header().Set("Content-Type", "text/event-stream")
	if err != nil {
		_ = write(v, eventOf(comeback.Busy))
		return nil
	}
	defer leave()
	look, _ := strconv.ParseInt(v.Request.URL.Query().Get("look"), 10, 64)
	age := v.Now().Sub(time.Unix(look, 0))
	listener, err := r.Live.Listen(v.Context(), comeback.Look{
		Session: v.Session.ID, Person: v.Session.Person.ID.String(), Region: v.Session.Region,
		Organization: v.Session.Organization.ID, Token: v.Session.AccessToken,
		Fresh: age >= -time.Second && age < freshLook,
	})
	if err != nil {
		return respond.Unread(err)
	}
	defer listener.Leave()
	v.Writer.WriteHeader(http.StatusOK)
	r.follow(v, while, listener)
	return nil
}

// follow writes the events of a listener until there are no more, or while is over.
func (r *Room) follow(v *request.Visit, while context.Context, listener *comeback.Listener) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	event, last := stateEvent(listener)
	for {
		if write(v, event) != nil || last {
			return
		}
		select {
		case <-while.Done():
			return
		case <-listener.Changed:
			event, last = stateEvent(listener)
		case <-listener.Over():
			return
		case <-beat.C:
			if r.Keeper.Prove(v) != nil {
				return
			}
			event = ": still here\n\n"
		}
	}
}

// stateEvent tells the state, and whether nothing more will come. One that repeats
// the last tells that something new is known.
func stateEvent(l *comeback.Listener) (event string, last bool) {
	state := l.State()
	return eventOf(state), state.Ends()
}

func eventOf(s comeback.State) string { return fmt.Sprintf("event: state\ndata: %s\n\n", s) }

// write sends an event at once.
func write(v *request.Visit, event string) error {
	c := http.NewResponseController(v.Writer)
	// The limits of a whole answer are too short for one that goes on.
	if err := c.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := v.Writer.Write([]byte(event)); err != nil {
		return err
	}
	return c.Flush()
}
