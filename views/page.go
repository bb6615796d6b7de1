package views

// Shell is what surrounds every page.
type Shell struct {
	Title        string // names the page, before the product's name
	Organization string
	Nav          []NavItem
	Finder       bool    // the header searches for people
	FocusFinder  bool    // and has the focus, on a page without anything else to fill in
	MaxText      int     // most characters of what is searched for, there or in a list
	Person       *Person // nil when nobody is signed in
	Strips       []Strip
	Notice       *Notice
	RequestID    string
	Theme        string // light, dark; "" for the system's
	Zone         string // that the person chose; "" for the browser's
	ZoneName     string // of the times as the server wrote them
	Refresh      string // after how many seconds, and to which page, a browser without script goes on; "" for not
	kind         string // of page; static.Kind knows what pages of a kind need
}

// Of is s around a page of one kind.
func (s Shell) Of(kind string) Shell {
	s.kind = kind
	return s
}

// NavItem leads to a part of the console that this person may use.
type NavItem struct {
	Label, Href string
	Hint        string // what one does there
	Words       string // that the search in the header finds it by, besides its label
	Current     bool
	More        bool // in the menu rather than in sight
	GivesWay    bool // in the menu on a phone
	Count       int  // of what waits there to be dealt with
}

// Person is who is signed in.
type Person struct{ Name, Email, Initials string }

// Strip is a line above everything that names where one is.
type Strip struct {
	Kind string // region, demo, away, broken
	Text string
}

// Notice tells what came of an action.
type Notice struct {
	Tone          string // good, warning, bad
	Title, Text   string
	At            Moment
	CorrelationID string
}

// Moment is a point in time as the server shows it: in the zone that the person
// chose, else in UTC, and relative to now. Script shows it in the browser's zone
// if none was chosen, and keeps the relative part current.
type Moment struct {
	ISO      string // RFC 3339, for <time datetime>; "" for no time
	Text     string // "24 Nov 2026, 14:05:11"
	Relative string // "in 3 h 12 min", "40 s ago"
}

// Fact is one row of a description list.
type Fact struct {
	Label string
	Value string
	Hint  string
	Href  string // where Value leads; "" for nowhere
	At    string // the moment that Value tells, in RFC 3339; "" for none
	ID    bool   // Value is an id, to be copied
}

// Action leads on from where one is.
type Action struct {
	Label, Href string
	Primary     bool
}

// Problem says why a page could not be shown or an action not be done.
type Problem struct {
	Code          string // names the problem for support and programs
	Title         string // what happened
	Meaning       string // what it means for the person
	Next          string // what to do
	Actions       []Action
	CorrelationID string // the platform's
}
