// device.c - the table of character devices.

#include "kernel/dev/device.h"

#include "kernel/dev/console.h"
#include "kernel/param.h"

static const struct device *const devices[NDEV] = {
  [CONSOLE] = &console_device,
};

const struct device *
device_find(int major)
{
  return major >= 0 && major < NDEV ? devices[major] : 0;
}
