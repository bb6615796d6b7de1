package config

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"strings"
)

const description = `The web console for Genesys Cloud access tokens: sign in, inspect, sign out, revoke.

Without a command it serves. Every setting is a flag and, in brackets, a variable of the environment or a line of the
file that --settings names. A flag wins over a variable, and a variable over the file. Secrets can also be read from a
file, whose path stands in the variable's name with _FILE added. OpenTelemetry's variables (OTEL_*) say where traces are
sent; they are read from the environment alone.
`

// writeHelp prints how command is used, or the whole program if it is to serve.
func writeHelp(w io.Writer, of usage) {
	if of.command == "" || of.command == Serve {
		fmt.Fprintf(w, "Usage: web [COMMAND] [FLAGS]\n\n%s\nCommands:\n", description)
		for _, u := range usages {
			writeItem(w, strings.TrimSpace(string(u.command)+" "+u.argument), u.help)
		}
	} else {
		fmt.Fprintf(w, "Usage: web %s [FLAGS]\n\n", strings.TrimSpace(string(of.command)+" "+of.argument))
		writeWrapped(w, "", of.help)
	}
	fmt.Fprint(w, "\nFlags:\n")
	writeItem(w, "-h, --help", "Print this, or with a command what it does.")
	for _, o := range options(reflect.TypeFor[commandLine]()) {
		if of.command == "" || of.command == Serve || o.readBy(of.command) {
			writeItem(w, o.shape(), o.text())
		}
	}
}

// shape is how the flag is given.
func (o option) shape() string {
	if o.placeholder == "" {
		return "--" + o.flag
	}
	return "--" + o.flag + "=" + cmp.Or(o.standard, o.placeholder)
}

// text is the help with the default, the variable and the commands it is for.
func (o option) text() string {
	text := o.help
	if o.standard != "" {
		text += " Default: " + o.standard + "."
	}
	if !o.readBy(Serve) {
		text += fmt.Sprintf(" Only for: %s.", strings.Join(names(o.of), ", "))
	}
	if o.variable != "" && o.secret {
		text += " [" + o.variable + "[_FILE]]"
	} else if o.variable != "" {
		text += " [" + o.variable + "]"
	}
	return text
}

func names(commands []Command) (names []string) {
	for _, command := range commands {
		names = append(names, string(command))
	}
	return names
}

// writeItem prints a name and, beside or below it, what it means.
func writeItem(w io.Writer, name, meaning string) {
	fmt.Fprintf(w, "  %s\n", name)
	writeWrapped(w, "      ", meaning)
}

// helpWidth is how wide the help is, in letters.
const helpWidth = 100

func writeWrapped(w io.Writer, indent, text string) {
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+len(word) >= helpWidth && strings.TrimSpace(line) != "" {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line = indent
		}
		line += word + " "
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}
