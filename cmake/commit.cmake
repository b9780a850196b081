# Writes OUT, a header with the commit of the clone SOURCE ('+' behind it: with changes), or "" where there is none. Only when it differs.
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
