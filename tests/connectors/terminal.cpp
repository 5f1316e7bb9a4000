// A terminal that a test drives: one command a line on stdin, one line of results on stdout.
// Every argument and result is hex of UTF-8, behind an 'x', so that it may be empty or hold anything.

#include <iostream>

#include "mql5.h"
#include "DeviceAuth.mqh"

static std::string from_hex(const std::string& word) {
    std::string bytes;
    for (size_t i = 1; i + 1 < word.size(); i += 2) bytes += static_cast<char>(std::stoi(word.substr(i, 2), nullptr, 16));
    return bytes;
}
static std::string to_hex(const std::string& bytes) {
    std::string word = "x";
    for (char byte : bytes) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<uchar>(byte)));
        word += two;
    }
    return word;
}
static Array<uchar> bytes_of(const std::string& text) {
    Array<uchar> array;
    array.items.assign(text.begin(), text.end());
    return array;
}

typedef std::vector<std::string> Words;
typedef CDeviceAuth Auth;

static Words run(Auth& device, const std::string& command, const Words& given) {
    const auto text = [&](size_t i) { return string(given.at(i)); };
    const auto number = [&](size_t i) { return std::stol(given.at(i)); };
    const auto words = [](const string& one) { return Words{one.utf8()}; };
    const auto truth = [](bool one) { return Words{one ? "true" : "false"}; };

    if (command == "folders") return mql5::files_folder = given.at(0), mql5::common_folder = given.at(1), Words();
    if (command == "allow") return mql5::allowed.push_back(given.at(0)), Words();
    if (command == "pass") return mql5::utc_ms += number(0), mql5::ticks_ms += static_cast<ulong>(number(0)), Words();
    if (command == "set_clock") return mql5::utc_ms = number(0), Words();
    if (command == "shift_ticks") return mql5::ticks_ms += static_cast<ulong>(number(0)), Words();
    if (command == "fail_with") return mql5::next_failure = static_cast<int>(number(0)), Words();
    if (command == "break") return mql5::is_broken = true, Words();
    if (command == "be_tester") return mql5::is_tester = true, Words();
    if (command == "decode_nothing") return mql5::decodes_files = false, Words();

    if (command == "init") {
        device = Auth();
        const bool is_ready = device.Init(text(0), text(1), text(2), given.at(3) == "true", text(4), 5000);
        return {is_ready ? "true" : "false", device.ErrorText().utf8()};
    }
    if (command == "request") {
        string answer;
        const int status = device.Request(text(0), text(1), text(2), answer);
        return {std::to_string(status), answer.utf8(), std::to_string(device.Status()), device.ErrorCode().utf8(),
                device.ErrorText().utf8(), std::to_string(device.RetryIn()), std::to_string(device.ClockOffset())};
    }
    if (command == "fingerprint") return words(device.Fingerprint());

    if (command == "self_test") {
        string failed;
        return {Auth::SelfTest(failed) ? "true" : "false", failed.utf8()};
    }
    if (command == "hmac") {
        Array<uchar> digest;
        if (!Auth::HmacSha256(bytes_of(given.at(0)), bytes_of(given.at(1)), digest)) return {"failed"};
        return words(Auth::Hex(digest));
    }
    if (command == "utf8") {
        Array<uchar> bytes = bytes_of("rubbish that was here before and is longer than the text");
        if (!Auth::Utf8(text(0), bytes)) return {"failed"};
        return words(Auth::Hex(bytes));
    }
    if (command == "text_sha256") return words(Auth::TextSha256Hex(text(0)));
    if (command == "string_to_sign")
        return words(Auth::StringToSign(text(0), text(1), text(2), number(3), text(4), text(5)));
    if (command == "sign") return words(Auth::Sign(text(0), text(1)));
    if (command == "is_well_formed") return truth(Auth::IsWellFormed(text(0)));
    if (command == "fingerprint_of") return words(Auth::FingerprintOf(text(0)));
    if (command == "offset_from") return {std::to_string(Auth::OffsetFrom(number(0), number(1)))};
    if (command == "is_sendable") return truth(Auth::IsSendable(text(0)));
    if (command == "header") return words(Auth::HeaderValue(text(0), text(1)));
    if (command == "retry_after") return {std::to_string(Auth::RetryAfter(text(0), static_cast<ulong>(number(1))))};
    if (command == "origin") {
        string origin, host, fault;
        if (!Auth::ParseOrigin(text(0), origin, host, fault)) return {"", "", fault.utf8()};
        return {origin.utf8(), host.utf8(), ""};
    }
    if (command == "json") {
        string value;
        if (!Auth::JsonField(text(0), text(1), value)) return {"false", ""};
        return {"true", value.utf8()};
    }
    mql5::stop("no such command");
}

int main() {
    Auth device;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream rest(line);
        std::string command, word;
        rest >> command;
        Words given;
        while (rest >> word) given.push_back(from_hex(word));
        std::string results;
        for (const auto& one : run(device, command, given)) results += to_hex(one) + " ";
        std::cout << results << std::endl;
    }
}
