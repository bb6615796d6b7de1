package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
	"tokenconsole/views"
)

// problem is an error in the words of the page that shows it. It is an error
// itself, for what the handlers refuse on their own.
type problem struct {
	views.Problem
	status     int
	retryAfter time.Duration
}

func (p *problem) Error() string { return p.Title }

// setHeaders sets what belongs to the status.
func (p *problem) setHeaders(h http.Header) {
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.retryAfter.Seconds())))
	}
}

func refuse(status int, title, meaning, next string, actions ...views.Action) *problem {
	return &problem{status: status, Problem: views.Problem{Title: title, Meaning: meaning, Next: next, Actions: actions}}
}

var (
	toToken  = views.Action{Label: "Your token", Href: "/token", Primary: true}
	toUsers  = views.Action{Label: "Find somebody", Href: "/users"}
	toSignIn = views.Action{Label: "Sign in", Href: "/login", Primary: true}
)

// What the console refuses by itself.
var (
	errNoPage      = refuse(http.StatusNotFound, "There is no such page", "The address does not lead to anything here.", "Check it, or go on from one of these.", toToken, toUsers)
	errMethod      = refuse(http.StatusMethodNotAllowed, "That cannot be done here", "The address exists, but not for this kind of request. Nothing was changed.", "Use the console’s own pages.", toToken)
	errBadPath     = refuse(http.StatusBadRequest, "That address is not one of ours", "It has a form that this console does not use. Nothing was changed.", "Use the console’s own pages.", toToken)
	errBadForm     = refuse(http.StatusBadRequest, "That form could not be read", "It is damaged, or has a field more than once. Nothing was changed.", "Go back, reload the page and send the form again.", toToken)
	errMediaType   = refuse(http.StatusUnsupportedMediaType, "That form could not be read", "It came as another kind of content than the console’s forms send. Nothing was changed.", "Use the console’s own pages.", toToken)
	errLength      = refuse(http.StatusLengthRequired, "That form could not be read", "It came without its length. Nothing was changed.", "Use the console’s own pages.", toToken)
	errTooLarge    = refuse(http.StatusRequestEntityTooLarge, "That was too much", "The form is larger than the 64 KB that are accepted. Nothing was changed.", "Send less.", toToken)
	errCrossOrigin = refuse(http.StatusForbidden, "That request did not come from this console", "It was sent from another site, or by a program that does not say where it comes from. Nothing was changed.", "Open the page in the console and do it there.", toToken)
	errMisdirected = refuse(http.StatusMisdirectedRequest, "That request was for another host", "This console answers under its public address only. Nothing was changed.", "Open the console at its public address and do it there.")
	errUserID      = refuse(http.StatusBadRequest, "That is not a user id", "A user id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, in lower-case hex digits. Nothing was asked of Genesys Cloud, and nothing was changed.", "Find the person by name instead, or copy the id once more.", toUsers)
	errPanic       = refuse(http.StatusInternalServerError, "Something went wrong here", "This is a fault of the console, not of Genesys Cloud and not of yours. It has been logged.", "Try again. Should it happen again, report the request id below.", toToken)
)

// errTokenExpired means that the session's token is over and cannot be renewed.
var errTokenExpired = errors.New("the token has expired")

// missingPermission refuses a page to a person without a permission, as of the
// sign-in.
type missingPermission struct {
	permission string
	since      time.Time
}

func (e *missingPermission) Error() string { return "missing permission " + e.permission }

// explain gives err the status and the words of its page. Texts of the platform
// are not among them.
func explain(err error, now time.Time) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*missingPermission](err); ok {
		return permissionProblem(e.permission, "It was not among your permissions when you signed in at "+e.since.UTC().Format("15:04 UTC")+".")
	}
	if e, ok := errors.AsType[*genesys.Error](err); ok {
		p := explainAnswer(e, now)
		p.CorrelationID = e.CorrelationID
		return p
	}
	if e, ok := errors.AsType[*genesys.NoAnswerError](err); ok {
		p := explainNoAnswer(e)
		p.CorrelationID = e.CorrelationID
		return p
	}
	switch {
	case errors.Is(err, genesys.ErrUserID):
		return errUserID
	case errors.Is(err, session.ErrTooLarge):
		return refuse(http.StatusBadGateway, "The token does not fit", "Genesys Cloud issued a token that is too large for this console’s sealed cookie, so the sign-in could not be kept.", "This is for whoever runs the console: report the request id.", toSignIn)
	case errors.Is(err, login.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return refuse(http.StatusBadGateway, "Genesys Cloud does not answer", "Its log-in server could not be reached, or sent something unusable.", "Try again in a moment. If it stays so, look at the platform’s status page.", toSignIn)
	}
	return errPanic
}

func permissionProblem(permission, seen string) *problem {
	what := "The permission " + permission
	if permission == "" {
		what = "A permission"
	}
	return refuse(http.StatusForbidden, "You may not do that",
		what+" is missing from your role in Genesys Cloud. "+seen+" Nothing was changed.",
		"An administrator can add it to one of your roles (Admin, Roles/Permissions). Sign out and in again afterwards.", toToken)
}

// explainAnswer explains what the platform itself refused or failed at.
func explainAnswer(e *genesys.Error, now time.Time) *problem {
	switch e.Status {
	case http.StatusUnauthorized:
		return refuse(http.StatusUnauthorized, "Your token is no longer valid",
			"Genesys Cloud does not accept it any more: it was revoked, it expired, or it idled out. This session has ended.",
			"Sign in again to go on.", toSignIn)
	case http.StatusForbidden:
		if scope, ok := e.MissingScope(); ok {
			what := "the scope " + scope
			if scope == "" {
				what = "a scope"
			}
			return refuse(http.StatusForbidden, "This console may not do that",
				"Its OAuth client lacks "+what+", so Genesys Cloud refused. Your own permissions are not the cause. Nothing was changed.",
				"An administrator can add it to the OAuth client (Admin, Integrations, OAuth). Sign out and in again afterwards.", toToken)
		}
		return permissionProblem(e.MissingPermission(), "Genesys Cloud refused.")
	case http.StatusNotFound:
		return refuse(http.StatusNotFound, "Genesys Cloud does not know that", "There is no such user in your organization, or you may not see them.", "Check the id, or find the person by name.", toUsers)
	case http.StatusTooManyRequests:
		return explainRateLimit(e.RetryAfter, now)
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return refuse(http.StatusGatewayTimeout, "Genesys Cloud took too long", "The platform gave up on the request.", "Try again in a moment.", toToken)
	}
	if e.Status >= 500 {
		return refuse(http.StatusBadGateway, "Genesys Cloud failed", fmt.Sprintf("The platform answered with an error of its own (%d).", e.Status), "Try again in a moment. If it stays so, give the vendor’s support the correlation id below.", toToken)
	}
	return refuse(http.StatusBadGateway, "Genesys Cloud refused the request", fmt.Sprintf("It answered %d, which this console did not expect.", e.Status), "Report the correlation id below to whoever runs this console.", toToken)
}

// explainRateLimit tells when to try again.
func explainRateLimit(wait time.Duration, now time.Time) *problem {
	next := "Wait a minute and try again."
	if wait > 0 {
		next = fmt.Sprintf("Try again in %d seconds, at %s.", int(wait.Seconds()), now.Add(wait).UTC().Format("15:04:05 UTC"))
	}
	p := refuse(http.StatusTooManyRequests, "Too many requests", "Genesys Cloud limits how much one person and application may ask, and that limit is reached. The request was not carried out.", next, toToken)
	p.retryAfter = wait
	return p
}

// explainNoAnswer explains what never came, or came broken.
func explainNoAnswer(e *genesys.NoAnswerError) *problem {
	const next = "Try again in a moment. If it stays so, look at the platform’s status page and at this console’s own network."
	switch {
	case e.Timeout():
		return refuse(http.StatusGatewayTimeout, "Genesys Cloud took too long", fmt.Sprintf("There was no answer within %d seconds.", int(genesys.CallTimeout.Seconds())), next, toToken)
	case !e.Sent:
		return refuse(http.StatusBadGateway, "Genesys Cloud could not be reached", "No connection could be made, so the request was not carried out.", next, toToken)
	}
	return refuse(http.StatusBadGateway, "Genesys Cloud gave no usable answer", "The connection broke off, or what came was not what the platform’s API sends.", next, toToken)
}

// caused shows a problem and logs its cause.
type caused struct {
	*problem
	cause error
}

func (c *caused) Error() string { return c.cause.Error() }
func (c *caused) Unwrap() error { return c.problem }
