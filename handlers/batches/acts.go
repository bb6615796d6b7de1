package batches

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
	"tokenconsole/views"
)

// act does something to the batch that the path of v names, and leads back to its page with what came of it.
func (r *Room) act(v *request.Visit, done string, do func(context.Context, batch.By, string) (batch.Batch, error)) error {
	b, err := do(v.Context(), by(v), v.Request.PathValue("id"))
	if err != nil {
		return r.actAgain(v, err)
	}
	if done == "" || b.State.Over() && done == paused {
		return r.Redirect(v, respond.BatchPath(b.ID))
	}
	return r.RedirectWith(v, respond.BatchPath(b.ID), session.Notice{Tone: session.Good, Title: done})
}

// actAgain shows the page of a batch again, with what was filled in and what was wrong.
func (r *Room) actAgain(v *request.Visit, err error) error {
	tried, status := attempt{}, http.StatusUnprocessableEntity
	form, ok := errors.AsType[*revocation.FormError](err)
	switch {
	case ok:
		tried.errors = respond.FormErrors(form, "Nothing was done.")
	case errors.Is(err, batch.ErrTyped):
		tried.errors = map[string]string{"deactivate": "Type the word and the number as they stand above. Nothing was started."}
	case errors.Is(err, batch.ErrCount):
		tried.errors = map[string]string{"count": "That is not how many people lose their tokens. Nothing was started."}
	default:
		p, known := errors.AsType[*respond.Problem](told(err))
		if !known || p.Code == respond.BatchUnknown {
			return told(err)
		}
		tried.problem, status = p, p.Status
	}
	b, lost := r.find(v)
	if lost != nil {
		return lost
	}
	return r.show(v, status, b, tried)
}

// Start sets a prepared batch going.
func (r *Room) Start(v *request.Visit) error {
	count, err := strconv.Atoi(v.Field("count"))
	if err != nil || strconv.Itoa(count) != v.Field("count") {
		count = -1 // 07 is not how the page shows 7
	}
	form := batch.Form{
		Reason: r.Reasons.Whole(v.Field("chosen"), v.Field("reason")), Ticket: v.Field("ticket"), Count: count,
		Typed: v.Field("deactivate"), Plan: v.Field("plan"),
	}
	b, err := r.Batches.Start(v.Context(), by(v), v.Request.PathValue("id"), form)
	if err != nil {
		return r.actAgain(v, err)
	}
	notice := session.Notice{Tone: session.Good, Title: "The batch has started"}
	if b.State == batch.WaitingApproval {
		notice.Title = "A second person has to approve the batch"
	}
	return r.RedirectWith(v, respond.BatchPath(b.ID), notice)
}

// Approve lets a batch run that waits for a second person.
func (r *Room) Approve(v *request.Visit) error {
	return r.act(v, "You approved the batch, and it runs", func(ctx context.Context, by batch.By, id string) (batch.Batch, error) {
		return r.Batches.Approve(ctx, by, id, v.Field("reason"))
	})
}

// Decline ends a batch that waits for a second person.
func (r *Room) Decline(v *request.Visit) error {
	return r.act(v, "The batch is declined", func(ctx context.Context, by batch.By, id string) (batch.Batch, error) {
		return r.Batches.Decline(ctx, by, id, v.Field("reason"))
	})
}

// Pause stops a running batch between two people.
func (r *Room) Pause(v *request.Visit) error { return r.act(v, paused, r.Batches.Pause) }

// paused is not said of a batch that has come to its end meanwhile.
const paused = "The batch is paused"

// Resume lets a paused batch go on.
func (r *Room) Resume(v *request.Visit) error { return r.act(v, "The batch goes on", r.Batches.Resume) }

// TakeOver lets a paused batch of somebody else go on with the token of v.
func (r *Room) TakeOver(v *request.Visit) error {
	return r.act(v, "You have taken over the batch", r.Batches.TakeOver)
}

// Cancel ends a batch.
func (r *Room) Cancel(v *request.Visit) error {
	return r.act(v, "The batch is cancelled", r.Batches.Cancel)
}

// Retry prepares another batch of the people who were not revoked.
func (r *Room) Retry(v *request.Visit) error { return r.act(v, "", r.Batches.Retry) }

// Include takes who prepared a batch into its plan, or out of it.
func (r *Room) Include(v *request.Visit) error {
	return r.act(v, "", func(ctx context.Context, by batch.By, id string) (batch.Batch, error) {
		return r.Batches.IncludeYourself(ctx, by, id, v.Field("include") == "yes")
	})
}

// Choose says whom an ambiguous row of a plan means.
func (r *Room) Choose(v *request.Visit) error {
	person, err := genesys.ParseUserID(v.Field("person"))
	if err != nil {
		return err
	}
	position, err := strconv.Atoi(v.Field("position"))
	if err != nil {
		return respond.Refuse(respond.BatchRowUnknown)
	}
	b, err := r.Batches.Choose(v.Context(), by(v), v.Request.PathValue("id"), position, person)
	if err != nil {
		return r.actAgain(v, err)
	}
	if b.Counts.Ambiguous == 0 {
		return r.RedirectWith(v, respond.BatchPath(b.ID), session.Notice{Tone: session.Good, Title: "Nobody is ambiguous any more"})
	}
	next, err := r.nextChoice(v.Context(), b, position)
	if err != nil {
		return err
	}
	return r.Redirect(v, next)
}

// nextChoice is where to go on with the ambiguous rows of b after a position, or with those before it.
func (r *Room) nextChoice(ctx context.Context, b batch.Batch, position int) (string, error) {
	ambiguous := shown{name: string(batch.Ambiguous), filter: batch.PeopleFilter{Plan: batch.Ambiguous}}
	for _, after := range []int{position, 0} {
		next, _, err := r.Batches.People(ctx, b.Organization.ID, b.ID, ambiguous.filter, after, 1)
		if err != nil {
			return "", told(err)
		}
		if len(next) > 0 {
			list, _, _ := strings.Cut(at(b.ID, ambiguous, "", after), "#")
			return list + "#" + views.ChoiceID(next[0].Position), nil
		}
	}
	return respond.BatchPath(b.ID), nil
}
