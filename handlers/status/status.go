// Package status answers those who watch the console itself: load balancers and
// containers. It also serves the style sheet, the script and the icon.
package status

import (
	"errors"
	"net/http"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/compress"
	"tokenconsole/internal/genesys"
	"tokenconsole/static"
)

// Room holds the answers about the console itself.
type Room struct {
	*respond.Responder
	Health *genesys.Health
	Log    *audit.Log
}

// ShowStatic serves style sheet, script and icon.
func (s *Room) ShowStatic(v *request.Visit) error {
	if !static.Serve(v.Writer, v.Request, v.Request.PathValue("file"), compress.Accepted(v.Request)) {
		return request.PageUnknown
	}
	return nil
}

// ShowHealth says that the process lives, whatever the platform does.
func (s *Room) ShowHealth(v *request.Visit) error { return s.Plain(v, http.StatusOK, "ok") }

// ShowReadiness says whether the platform answers and the record can be written:
// without either the console is of no use.
func (s *Room) ShowReadiness(v *request.Visit) error {
	err := s.Log.Ready(v.Context())
	broken, _ := errors.AsType[*audit.BrokenError](err)
	switch {
	case broken != nil && broken.Fault.Foreign: // a mistyped key must not pass for harm
		return s.Plain(v, http.StatusServiceUnavailable, "not ready: the record is not signed by a key of CONSOLE_RECORD_KEY")
	case errors.Is(err, audit.ErrBroken):
		return s.Plain(v, http.StatusServiceUnavailable, "not ready: the record is not whole")
	case err != nil:
		return s.Plain(v, http.StatusServiceUnavailable, "not ready: the record cannot be written")
	}
	if !s.Health.Answers(v.Context()) {
		return s.Plain(v, http.StatusServiceUnavailable, "not ready: Genesys Cloud does not answer")
	}
	return s.Plain(v, http.StatusOK, "ready")
}
