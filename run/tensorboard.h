// Scalars as a TensorBoard event file, written by hand: neither a protobuf library nor TensorFlow
// is needed.
//
// A file is a sequence of TFRecords [TensorFlow, core/lib/io/record_writer.h]:
//   u64 length · u32 masked CRC-32C of those 8 bytes · bytes · u32 masked CRC-32C of the bytes
// each of which holds one Event message [tensorflow/core/util/event.proto]: wall_time = 1 (double),
// step = 2 (int64), file_version = 3 (string, in the first event only), summary = 5 { value = 1 {
// tag = 1, simple_value = 2 (float) } }. A struct tensorboard belongs to one thread at a time.
#ifndef RUN_TENSORBOARD_H
#define RUN_TENSORBOARD_H

#include "base/status.h"

struct tensorboard;

struct scalar {
    const char *tag; // Such as "loss/policy".
    double value;
};

// Creates folder/events.out.tfevents.SECONDS.tengen; an existing one is replaced. `wall` is in
// seconds since 1970. STATUS_IO on failure.
enum status tensorboard_new(struct tensorboard **out, const char *folder, double wall);
void tensorboard_free(struct tensorboard *tensorboard); // NULL is fine.
// Appends one event with these scalars. It is in the file once tensorboard_flush has returned.
enum status tensorboard_add(struct tensorboard *tensorboard, double wall, long long step, const struct scalar *scalars,
                            int num_scalars);
enum status tensorboard_flush(struct tensorboard *tensorboard);

#endif
