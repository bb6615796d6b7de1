package audit

import "time"

// Filter says which acts to show; every field that is set narrows them. An act is shown whole, or as much of it as its
// reader may see.
type Filter struct {
	OrganizationID string    // required, unless Nobody: no view ever spans organizations
	Person         string    // part of the subject's id, name or email, in any case
	Actor          string    // part of the actor's id, name or email, in any case
	SubjectID      string    // the subject's id, exactly
	Own            string    // a person's id: acts where they acted or were acted on, as they may read them
	Action         Action    // exactly
	Outcome        Outcome   // what came of the act last, exactly; Asked while nothing has
	From, To       time.Time // it was begun not before From, and before To
	Open           bool      // the same as Outcome Asked
	Batch          string    // exactly
	Nobody         bool      // instead of an organization's: the failed sign-ins of nobody, which belong to none
}

// A condition is SQL with its arguments, mostly over the columns of audit_acts.
type condition struct {
	sql  string
	args []any
}

// and is the condition that c and o hold. The empty one always does.
func (c condition) and(o condition) condition {
	if c.sql == "" || o.sql == "" {
		return condition{c.sql + o.sql, append(c.args[:len(c.args):len(c.args)], o.args...)}
	}
	return condition{c.sql + " AND " + o.sql, append(c.args[:len(c.args):len(c.args)], o.args...)}
}

func (c condition) or(o condition) condition {
	return condition{"(" + c.sql + " OR " + o.sql + ")", append(c.args[:len(c.args):len(c.args)], o.args...)}
}
