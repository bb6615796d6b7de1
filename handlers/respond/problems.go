package respond

import "maps"

// Code names a problem in one word, for pages, logs and programs.
type Code string

// words are what a code stands for.
type words struct {
	status               int // of the HTTP answer
	title, meaning, next string
	ways                 []Way
}

// What several problems say.
const (
	nothingChanged = " Nothing was changed."
	ownPages       = "Use the console’s own pages."
	later          = "Try again in a moment. If it keeps happening, check the platform’s status page and this " +
		"console’s network connection."
)

// Where several problems lead.
var (
	home   = []Way{ToHome, ToPeople}
	again  = []Way{ToAgain, ToHome, ToPeople}
	signIn = []Way{ToSignIn}
)

// problems has the words of every code.
var problems = merged(requestWords, platformWords, recordWords, signInWords, batchWords, actWords)

func merged(subjects ...map[Code]words) map[Code]words {
	all := map[Code]words{}
	for _, subject := range subjects {
		maps.Copy(all, subject)
	}
	return all
}
