package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"tokenconsole/internal/audit"
)

// What stands in the console's log before a checkpoint, as JSON and as text.
var loggedCheckpoints = []string{`"checkpoint of the record","checkpoint":`, `"checkpoint of the record" checkpoint=`}

// readKept reads what was kept of the record's checkpoints in a file: one checkpoint, or all that stand in a log of the console.
func readKept(name string) ([]audit.Kept, error) {
	content, err := os.ReadFile(name) // #nosec G304 -- whoever runs the command names the file
	if err != nil {
		return nil, fmt.Errorf("a checkpoint cannot be checked: %w", err)
	}
	var kept []audit.Kept
	known, number := map[string]bool{}, 0
	for line := range strings.Lines(string(content)) {
		number++
		text, ok := loggedCheckpoint(line)
		if !ok || known[text] { // a console that nobody uses logs the same one again and again
			continue
		}
		known[text] = true
		kept = append(kept, audit.Kept{Name: fmt.Sprintf("%s, line %d,", name, number), Text: text})
	}
	if len(kept) == 0 {
		// An editor or a mail may have changed how its lines end.
		text := strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n")) + "\n"
		kept = append(kept, audit.Kept{Name: name, Text: text})
	}
	return kept, nil
}

// loggedCheckpoint returns the checkpoint that a line of the log tells, if it tells one: as it stands there, where it was cut off.
func loggedCheckpoint(line string) (string, bool) {
	for _, before := range loggedCheckpoints {
		if _, rest, ok := strings.Cut(line, before); ok {
			quoted, _ := strconv.QuotedPrefix(rest)
			text, err := strconv.Unquote(quoted)
			if err != nil {
				return rest, true
			}
			return text, true
		}
	}
	return "", false
}
