package config

import (
	"fmt"
	"slices"
	"strings"
)

// Command is what the program was asked to do.
type Command string

// The commands of the program.
const (
	Serve       Command = "serve"
	Keygen      Command = "keygen"
	Init        Command = "init"
	Doctor      Command = "doctor"
	Backup      Command = "backup"
	Healthcheck Command = "healthcheck"
	Version     Command = "version"

	AuditVerify     Command = "audit verify"
	AuditProve      Command = "audit prove"
	AuditCheckpoint Command = "audit checkpoint"
	AuditKeygen     Command = "audit keygen"
)

// usage is how a command is given.
type usage struct {
	command  Command
	argument string // what stands after it, as the help writes it
	min, max int    // how many of them
	help     string
}

var usages = []usage{
	{Serve, "", 0, 0, "Serve the console (the default)."},
	{Keygen, "", 0, 0, "Print a new session key."},
	{Init, "[FILE]", 0, 1, "Write a commented file of settings with fresh keys, for --settings. FILE is console.env if none is given; nothing is overwritten."},
	{Doctor, "", 0, 0, "Check the settings against the real thing: addresses, OAuth client, clock, database, keys, files. Exit 0 if the console would work."},
	{Backup, "FILE", 1, 1, "Copy the SQLite database in --database-url while it is in use, and verify the record in the copy. Nothing is overwritten."},
	{Healthcheck, "", 0, 0, "Ask the console that listens at --addr for its health; exit 0 or 1."},
	{AuditVerify, "[CHECKPOINT…]", 0, 1000, "Check everything on the record in --database-url; exit 0 only if it is whole. The record must fit the checkpoints that were kept elsewhere: files with one each, or logs of the console."},
	{AuditProve, "RECEIPT", 1, 1, "Say what a receipt proves, without database or network; exit 0 only if it holds. RECEIPT is a file as the console gives it out, or - for standard input."},
	{AuditCheckpoint, "", 0, 0, "Print the signed end of the record in --database-url: keep it elsewhere."},
	{AuditKeygen, "", 0, 0, "Print a new private key for CONSOLE_RECORD_KEY and, on the second line, its public half."},
	{Version, "", 0, 0, "Print the version."},
}

// commandOf finds the command that words name, by its longest name, and what stands after it.
func commandOf(words []string) (usage, []string, error) {
	if len(words) == 0 {
		return usages[0], nil, nil
	}
	for n := min(2, len(words)); n > 0; n-- {
		name := Command(strings.Join(words[:n], " "))
		if i := slices.IndexFunc(usages, func(u usage) bool { return u.command == name }); i >= 0 {
			return usages[i], words[n:], nil
		}
	}
	name := strings.Join(words[:min(2, len(words))], " ")
	if begun := beginWith(words[0]); len(begun) > 0 {
		if len(words) == 1 {
			return usage{}, nil, fmt.Errorf("web %s needs one of: %s", name, strings.Join(begun, ", "))
		}
		return usage{}, nil, fmt.Errorf("there is no command %q; web %s takes one of: %s", name, words[0], strings.Join(begun, ", "))
	}
	return usage{}, nil, fmt.Errorf("there is no command %q", name)
}

// beginWith are the second words of the commands whose first is word.
func beginWith(word string) (found []string) {
	for _, u := range usages {
		if second, ok := strings.CutPrefix(string(u.command), word+" "); ok {
			found = append(found, second)
		}
	}
	return found
}

// take holds that as many arguments were given as the command takes.
func (u usage) take(arguments []string) error {
	switch {
	case len(arguments) < u.min:
		return fmt.Errorf("web %s needs a %s", u.command, u.argument)
	case len(arguments) > u.max:
		return fmt.Errorf("web %s does not take %q", u.command, arguments[u.max])
	}
	return nil
}
