package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// level is what the console took at one moment, by its own metrics.
type level struct{ goroutines, descriptors, megabytes float64 }

// watchLevels reads the console's metrics every five seconds until ctx ends, and
// then returns what it read.
func watchLevels(ctx context.Context, url string) <-chan []level {
	result := make(chan []level, 1)
	go func() {
		var all []level
		for pauseFor(ctx, 5*time.Second) {
			if l, err := readLevel(ctx, url); err == nil {
				all = append(all, l)
			}
		}
		result <- all
	}()
	return result
}

func readLevel(ctx context.Context, url string) (l level, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return l, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return l, err
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		number, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "go_goroutines":
			l.goroutines = number
		case "process_open_fds":
			l.descriptors = number
		case "process_resident_memory_bytes":
			l.megabytes = number / 1e6
		}
	}
	return l, nil
}

// judgeLevels compares the second third of the time with the last, and fails if
// something grew by more than a quarter.
func judgeLevels(out io.Writer, all []level) error {
	third := len(all) / 3
	if third == 0 {
		return fmt.Errorf("the metrics were read %d times only", len(all))
	}
	var grown []string
	for name, of := range map[string]func(level) float64{
		"goroutines":  func(l level) float64 { return l.goroutines },
		"descriptors": func(l level) float64 { return l.descriptors },
		"resident MB": func(l level) float64 { return l.megabytes },
	} {
		first, middle, last := medianOf(all[:third], of), medianOf(all[third:2*third], of), medianOf(all[2*third:], of)
		fmt.Fprintf(out, "%-12s %6.0f, %6.0f, %6.0f (medians of the three thirds)\n", name, first, middle, last)
		if last > middle*1.25+10 {
			grown = append(grown, name)
		}
	}
	if len(grown) > 0 {
		return fmt.Errorf("still growing: %s", strings.Join(grown, ", "))
	}
	return nil
}

func medianOf(all []level, of func(level) float64) float64 {
	var values []float64
	for _, l := range all {
		values = append(values, of(l))
	}
	return median(values)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// watchMemory says what the console has in memory, at the start and each minute until ctx ends.
func watchMemory(ctx context.Context, console *process, out io.Writer) {
	for minute := 0; ; minute++ {
		r := console.memory()
		fmt.Fprintf(out, "%3d min: resident %5.1f MB, of which %5.1f MB are its own; %5.1f MB at most\n", minute, r.now, r.own, r.most)
		if !pauseFor(ctx, time.Minute) {
			return
		}
	}
}
