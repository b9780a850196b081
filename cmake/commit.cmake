# Writes the header OUT with the commit of the clone SOURCE, followed by '+' if there are changes,
# or with "" if SOURCE is no clone. A header that would be the same is left alone, so that nothing
# is built again.
execute_process(COMMAND git -C ${SOURCE} describe --always --exclude=* --abbrev=7 --dirty=+
                OUTPUT_VARIABLE commit RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(failed)
  set(commit "")
endif()
set(text "#define VERSION_COMMIT \"${commit}\"\n")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
